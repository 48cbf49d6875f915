import type { JsonObject } from "@bufbuild/protobuf";

/** The content of a google.api.HttpBody. */
export const anyBytes: JsonObject = {
  "*/*": { schema: { type: "string", format: "binary", description: "Bytes of any content type." } },
};
