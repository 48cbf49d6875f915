import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { memoize } from "../rpc/memoize.ts";
import { accessOf } from "./access-policy.ts";
import type { Authenticator } from "./authenticator.ts";
import { setPrincipal } from "./principal.ts";

/** Finds out who calls, but for public methods: UNAUTHENTICATED without a credential in force. */
export function authenticate(authenticator: Authenticator): Interceptor {
  const isPublic = memoize((method: DescMethod) => accessOf(method) === "public");
  return (next) => (request) => {
    if (isPublic(request.method)) return next(request);
    const { header, contextValues } = request;
    const principal = authenticator.authenticate(header.get("authorization"));
    if (principal instanceof Promise) {
      return principal.then((found) => {
        setPrincipal(contextValues, found);
        return next(request);
      });
    }
    setPrincipal(contextValues, principal);
    return next(request);
  };
}
