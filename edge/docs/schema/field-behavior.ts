import { type DescField, getOption, hasOption } from "@bufbuild/protobuf";
import { field as fieldRules, Ignore } from "../../../gen/buf/validate/validate_pb.ts";
import { FieldBehavior } from "../../../gen/google/api/field_behavior_pb.ts";
import { resource_reference } from "../../../gen/google/api/resource_pb.ts";
import { hasBehavior } from "../../transcode/index.ts";

/** Whether a request must set the field. A parent that may be empty is that of a batch's item (AIP-233). */
export function isRequired(field: DescField): boolean {
  const { required, ignore } = getOption(field, fieldRules);
  const inherited = hasOption(field, resource_reference) && ignore === Ignore.IF_ZERO_VALUE;
  return required || (hasBehavior(field, FieldBehavior.REQUIRED) && !inherited);
}

/** Whether a request over HTTP has no use for the field: the server sets it, or the path says it. */
export function isReadOnly(field: DescField): boolean {
  return hasBehavior(field, FieldBehavior.OUTPUT_ONLY, FieldBehavior.IDENTIFIER);
}

/** Whether no answer has the field. */
export function isWriteOnly(field: DescField): boolean {
  return hasBehavior(field, FieldBehavior.INPUT_ONLY);
}
