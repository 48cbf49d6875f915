import type { Interceptor } from "@connectrpc/connect";
import { accessOf } from "./access-policy.ts";
import type { Authenticator } from "./authenticator.ts";
import { setPrincipal } from "./principal.ts";

/** Finds out who calls, but for public methods: UNAUTHENTICATED without a credential in force. */
export function authenticate(authenticator: Authenticator): Interceptor {
  return (next) => async (request) => {
    if (accessOf(request.method) !== "public") {
      setPrincipal(request.contextValues, await authenticator.authenticate(request.header.get("authorization")));
    }
    return next(request);
  };
}
