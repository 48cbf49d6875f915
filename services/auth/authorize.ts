import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Code, type Interceptor } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { invalidFields, notFound, rpcError } from "../rpc/errors.ts";
import { memoize } from "../rpc/memoize.ts";
import { accessOf } from "./access-policy.ts";
import type { Rule } from "./policy.ts";
import { type Principal, principalOf } from "./principal.ts";
import { type Relation, setStanding } from "./standing.ts";
import { findTargetField, type TargetField } from "./target-field.ts";

/** Relations that the rule allows to a kind of principal. */
function relationsOf(rule: Rule, { kind }: Principal): Relation[] {
  const asked = Object.keys(rule) as Relation[];
  if (kind === "admin") return asked.filter((relation) => relation === "admin");
  if (kind === "application") return asked.filter((relation) => relation === "backend");
  return asked.filter((relation) => relation !== "admin" && relation !== "backend");
}

function checkKind(method: DescMethod, relations: readonly Relation[]): void {
  if (relations.length > 0) return;
  throw rpcError(
    Code.PermissionDenied,
    ErrorReason.METHOD_DENIED,
    `${method.name} is not open to this kind of credential; use the admin key`,
  );
}

/** An application reaches only what is its own. */
function checkTarget({ path, read }: TargetField, application: string, message: Message): void {
  const target = read(message);
  if (target === "") throw invalidFields([{ field: path, description: "is required" }]);
  const own = `applications/${application}`;
  if (target !== own && !target.startsWith(`${own}/`)) throw notFound(target);
}

/**
 * Lets a call through where the access policy allows its principal: else PERMISSION_DENIED; NOT_FOUND where an
 * application asks for what is not its own, in the bytes of what does not exist; INVALID_ARGUMENT where it does not say
 * what it asks for. Runs after validation. That an application can be checked in this way, the policy sees to.
 */
export function authorize(): Interceptor {
  const ruleOf = memoize((method: DescMethod) => ({
    access: accessOf(method),
    target: findTargetField(method.input),
  }));
  return (next) => (request) => {
    const { method } = request;
    const { access, target } = ruleOf(method);
    if (access === "public") return next(request);
    const principal = principalOf(request.contextValues);
    const relations = relationsOf(access, principal);
    checkKind(method, relations);
    setStanding(request.contextValues, { relations });
    if (principal.kind !== "admin") {
      if (request.stream) throw new Error(`${method.name} is a stream, whose requests are not checked`);
      if (!target) throw new Error(`${method.name} has no field that tells its resource`);
      checkTarget(target, principal.application, request.message);
    }
    return next(request);
  };
}
