import type { DescService } from "@bufbuild/protobuf";
import { methodPath } from "../rpc/method-path.ts";
import { ACCESS_POLICY, accessOf } from "./access-policy.ts";
import type { Policy } from "./policy.ts";
import { findTargetField } from "./target-field.ts";

/**
 * Refuses to go on where a method of these services is not in the policy; or is not public though it streams, so that its
 * requests cannot be checked; or is open to others than the administrator, and has no field that tells its resource.
 */
export function checkPolicyCovers(services: readonly DescService[], policy: Policy = ACCESS_POLICY): void {
  for (const method of services.flatMap(({ methods }) => methods)) {
    const access = accessOf(method, policy);
    if (access === "public") continue;
    if (method.methodKind !== "unary")
      throw new Error(`${methodPath(method)} must be public: requests of a stream cannot be checked`);
    const isOpen = Object.keys(access).some((relation) => relation !== "admin");
    if (!isOpen || findTargetField(method.input) !== undefined) continue;
    const reason = "its requests must have a `name`, a `parent`, or a resource with a `name`";
    throw new Error(`${methodPath(method)} cannot be open to others than the administrator: ${reason}`);
  }
}
