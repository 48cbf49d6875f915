import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { memoize } from "../rpc/memoize.ts";
import { accessOf } from "./access-policy.ts";
import { KnownTargets } from "./known-targets.ts";
import { MethodAuthorization } from "./method-authorization.ts";
import { principalOf } from "./principal.ts";
import type { RelationFacts } from "./relations.ts";

/**
 * Lets a call through where the access policy allows its caller: else PERMISSION_DENIED; NOT_FOUND where the resource
 * does not exist for the caller, in the bytes of what does not exist; INVALID_ARGUMENT where the request does not say
 * what it asks for. Runs after validation. That a request can be checked in this way, the policy sees to.
 */
export function authorize(facts: RelationFacts): Interceptor {
  const needs = { facts, targets: new KnownTargets() };
  const authorizationOf = memoize((method: DescMethod) => {
    const access = accessOf(method);
    return access === "public" ? undefined : new MethodAuthorization(method, access, needs);
  });
  return (next) => (request) => {
    const { method, contextValues } = request;
    const authorization = authorizationOf(method);
    if (!authorization) return next(request);
    const principal = principalOf(contextValues);
    if (request.stream) throw new Error(`${method.name} is a stream, whose requests cannot be checked`);
    const { message } = request;
    const checked = authorization.check(principal, message, contextValues);
    if (checked === message) return next(request);
    if (!(checked instanceof Promise)) return next({ ...request, message: checked });
    return checked.then((allowed) => next(allowed === message ? request : { ...request, message: allowed }));
  };
}
