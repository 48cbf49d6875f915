import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { invalidFields } from "../rpc/errors.ts";

/** What an error shows of a mask: paths, and UTF-16 units of each. */
const MAX_SHOWN = 5;
const MAX_PATH = 50;

/**
 * The fields that an update changes (AIP-134, AIP-161): those of the mask; all updatable ones for `*`; without a
 * mask those that the resource has set. A path that cannot be updated is INVALID_ARGUMENT.
 *
 * @param mask as in the request; its paths are proto names
 * @param updatable each updatable field, and whether the request's resource has it set
 */
export function fieldsToUpdate<Field extends string>(
  mask: FieldMask | undefined,
  updatable: Readonly<Record<Field, boolean>>,
): Field[] {
  const fields = Object.keys(updatable) as Field[];
  const paths = mask?.paths ?? [];
  if (paths.length === 0) return fields.filter((field) => updatable[field]);
  if (paths.length === 1 && paths[0] === "*") return fields;
  const foreign = paths.filter((path) => !fields.includes(path as Field));
  if (foreign.length > 0) {
    const shown = foreign.slice(0, MAX_SHOWN).map((path) => `'${path.slice(0, MAX_PATH)}'`);
    const more = foreign.length > shown.length ? ` and ${foreign.length - shown.length} more` : "";
    const description = `${shown.join(", ")}${more} cannot be updated; these can: ${fields.join(", ")}, or * alone for all`;
    throw invalidFields([{ field: "update_mask", description }]);
  }
  return fields.filter((field) => paths.includes(field));
}
