import { type ContextValues, createContextKey } from "@connectrpc/connect";

/** Who calls: the administrator, or the backend of one application. */
export type Principal = { kind: "admin" } | { kind: "application"; application: string };

const principalKey = createContextKey<Principal | undefined>(undefined, { description: "principal" });

/** The name under which a principal's request_ids are kept: not that of its key. */
export function principalName(principal: Principal): string {
  return principal.kind === "admin" ? "admin" : `applications/${principal.application}`;
}

/** The principal of a call that was authenticated. */
export function principalOf(values: ContextValues): Principal {
  const principal = values.get(principalKey);
  if (!principal) throw new Error("the call was not authenticated: a public method asked for its principal");
  return principal;
}

/** Enters the principal of a call. */
export function setPrincipal(values: ContextValues, principal: Principal): void {
  values.set(principalKey, principal);
}
