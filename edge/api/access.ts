import type { DescMethod } from "@bufbuild/protobuf";
import { accessOf } from "../../services/auth/access-policy.ts";
import { readBindings } from "../transcode/routing/http-rule.ts";

/** What a caller can show, by the names that the document gives them. */
export type Credential = "adminKey" | "apiKey" | "userToken";

/** How many kinds there are. */
const CREDENTIALS = 3;

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

/** Whether there is a kind of credential, or a user of the application, that may call a method on nothing. */
export function deniesMethod(method: DescMethod): boolean {
  const access = accessOf(method);
  if (access === "public") return false;
  const deniesCredentials = credentialsOf(method).length < CREDENTIALS;
  const deniesUsers = !isAboutChat(method) && !("user" in access);
  const isOfOneself = "self" in access;
  return deniesCredentials || deniesUsers || isOfOneself;
}

/** Whether there is a user who sees the chat that a method is about, but may not call it there. */
export function deniesRole(method: DescMethod): boolean {
  const access = accessOf(method);
  if (access === "public" || !isAboutChat(method) || !credentialsOf(method).includes("userToken")) return false;
  return ["member", "customer", "agent"].some((relation) => !(relation in access));
}

/** Whether a method is about a chat, or about what is in one. */
function isAboutChat(method: DescMethod): boolean {
  return readBindings(method).some(({ path }) => path.includes("/chats/"));
}

/** Whether there is a relation that may set some fields in a method, but not all. */
export function limitsFields(method: DescMethod): boolean {
  const access = accessOf(method);
  return access !== "public" && Object.values(access).some((grant) => typeof grant !== "string");
}
