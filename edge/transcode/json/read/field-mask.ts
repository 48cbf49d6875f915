import { create } from "@bufbuild/protobuf";
import { protoSnakeCase } from "@bufbuild/protobuf/reflect";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import type { JsonCursor } from "../text/cursor.ts";
import { unexpectedText } from "../text/problem.ts";
import type { ValueReader } from "./value.ts";

const WANTED = "the JSON names of fields as in displayName,author.user";
const WANTED_TEXT = "names of fields as in display_name,author.user";

/** Reads google.protobuf.FieldMask: JSON has the fields' JSON names, a URL these or their proto names. */
export const fieldMaskReader: ValueReader = {
  read: (cursor: JsonCursor) => {
    const text = cursor.readString(WANTED);
    if (text.includes("_")) throw unexpectedText(WANTED, text);
    return parsePaths(text, WANTED);
  },
  parse: (text: string) => parsePaths(text, WANTED_TEXT),
  takesNull: false,
};

function parsePaths(text: string, wanted: string): FieldMask {
  if (text === "") return create(FieldMaskSchema);
  const paths = text.split(",");
  if (paths.some((path) => path === "" || /\s/.test(path))) throw unexpectedText(wanted, text);
  return create(FieldMaskSchema, { paths: paths.map(toProtoPath) });
}

/** JSON names are camel case; a path with an underscore is one of proto names already. */
function toProtoPath(path: string): string {
  return path.includes("_") ? path : protoSnakeCase(path);
}
