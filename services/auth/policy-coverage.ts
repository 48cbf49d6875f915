import type { DescService } from "@bufbuild/protobuf";
import { methodPath } from "../rpc/method-path.ts";
import { ACCESS_POLICY, accessOf } from "./access-policy.ts";
import type { Policy } from "./policy.ts";
import { findTargetField } from "./target-field.ts";

/**
 * Refuses to go on where a method of these services is not in the policy, or is open to others than the administrator
 * though its requests cannot be checked: it streams, or has no field that tells its resource.
 */
export function checkPolicyCovers(services: readonly DescService[], policy: Policy = ACCESS_POLICY): void {
  for (const method of services.flatMap(({ methods }) => methods)) {
    const access = accessOf(method, policy);
    if (access === "public" || Object.keys(access).every((relation) => relation === "admin")) continue;
    const isChecked = method.methodKind === "unary" && findTargetField(method.input) !== undefined;
    if (isChecked) continue;
    const reason = "its requests must be unary and have a `name`, a `parent`, or a resource with a `name`";
    throw new Error(`${methodPath(method)} cannot be open to others than the administrator: ${reason}`);
  }
}
