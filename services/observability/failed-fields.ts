import type { ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";

/** How many fields a line of the log names. */
const MAX_FIELDS = 5;

/**
 * The fields for which a call failed, by their proto paths: those of its BadRequest, or the one of its ErrorInfo. Keys of
 * maps, which are the caller's text, are left out. Undefined where the error names none.
 */
export function failedFields(error: ConnectError): string[] | undefined {
  const invalid = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
  const denied = error.findDetails(ErrorInfoSchema).flatMap(({ metadata }) => metadata.field ?? []);
  const fields = [...invalid.map(({ field }) => field), ...denied].map((field) => field.replace(/\[".*/s, "[…]"));
  return fields.length === 0 ? undefined : fields.slice(0, MAX_FIELDS);
}
