import { type DescField, getOption } from "@bufbuild/protobuf";
import { type FieldBehavior, field_behavior } from "../../../gen/google/api/field_behavior_pb.ts";

/** Whether a field's `google.api.field_behavior` names one of these (AIP-203). */
export function hasBehavior(field: DescField, ...behaviors: readonly FieldBehavior[]): boolean {
  return getOption(field, field_behavior).some((behavior) => behaviors.includes(behavior));
}
