import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Soon } from "../facts/facts.ts";
import type { CallRequest } from "../rpc/call-request.ts";
import { memoize } from "../rpc/memoize.ts";
import { isPublic } from "./access-policy.ts";
import type { Authenticator } from "./authenticator.ts";
import { type Principal, setPrincipal } from "./principal.ts";

/**
 * Finds out who calls, but for public methods: UNAUTHENTICATED without a credential in force.
 *
 * @param onStranger told of a call without one, and may throw what its caller is told instead. Default: nobody is told
 */
export function authenticate(
  authenticator: Pick<Authenticator, "authenticate">,
  onStranger: (request: CallRequest) => void = () => {},
): Interceptor {
  const isOpen = memoize(isPublic);
  const refuse = (request: CallRequest, error: unknown): never => {
    if (error instanceof ConnectError && error.code === Code.Unauthenticated) onStranger(request);
    throw error;
  };
  const find = (request: CallRequest): Soon<Principal> => {
    try {
      return authenticator.authenticate(request.header.get("authorization"));
    } catch (error) {
      return refuse(request, error);
    }
  };
  return (next) => (request) => {
    if (isOpen(request.method)) return next(request);
    const principal = find(request);
    if (!(principal instanceof Promise)) {
      setPrincipal(request.contextValues, principal);
      return next(request);
    }
    return principal.then(
      (found) => {
        setPrincipal(request.contextValues, found);
        return next(request);
      },
      (error) => refuse(request, error),
    );
  };
}
