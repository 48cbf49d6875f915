import type { DescMethod } from "@bufbuild/protobuf";
import { accessOf } from "../../services/auth/access-policy.ts";

/** What a caller can show, by the names that the document gives them. */
export type Credential = "adminKey" | "apiKey" | "userToken";

/** The credentials, any one of which may open a method, as the access policy says: none where anyone may call it. */
export function credentialsOf(method: DescMethod): Credential[] {
  const access = accessOf(method);
  if (access === "public") return [];
  const { admin, backend, ...ofUsers } = access;
  return [
    ...(backend === undefined ? [] : (["apiKey"] as const)),
    ...(Object.keys(ofUsers).length === 0 ? [] : (["userToken"] as const)),
    ...(admin === undefined ? [] : (["adminKey"] as const)),
  ];
}

/** Whether a method is open to anyone, without a credential. */
export function isPublic(method: DescMethod): boolean {
  return accessOf(method) === "public";
}

/** Whether there are callers who may know of what the method is about, but not call it. */
export function deniesSome(method: DescMethod): boolean {
  const access = accessOf(method);
  if (access === "public") return false;
  const isOpenToUsers = "user" in access || ["member", "customer", "agent"].every((relation) => relation in access);
  return !isOpenToUsers || credentialsOf(method).length < 3;
}

/** Whether there is a relation that may set some fields in a method, but not all. */
export function limitsFields(method: DescMethod): boolean {
  const access = accessOf(method);
  return access !== "public" && Object.values(access).some((grant) => typeof grant !== "string");
}
