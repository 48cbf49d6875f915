import { create, type DescMessage, fromBinary, type JsonObject, type Registry, toJson } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";

/**
 * The JSON of a detail as of a google.protobuf.Any. One whose type is not in the registry, or whose bytes are not of
 * its type, keeps its bytes as base64 in `value`.
 */
export function detailToJson(detail: ConnectError["details"][number], registry: Registry): JsonObject {
  if ("desc" in detail) return messageToJson(detail.desc, create(detail.desc, detail.value), registry);
  const desc = registry.getMessage(detail.type);
  try {
    if (desc !== undefined) return messageToJson(desc, fromBinary(desc, detail.value), registry);
  } catch {
    // Not of its type: below.
  }
  return { "@type": typeUrl(detail.type), value: base64Encode(detail.value) };
}

function messageToJson(desc: DescMessage, message: ReturnType<typeof create>, registry: Registry): JsonObject {
  const json = toJson(desc, message, { registry });
  const type = { "@type": typeUrl(desc.typeName) };
  return hasCustomJsonRepresentation(desc) ? { ...type, value: json } : { ...type, ...(json as JsonObject) };
}

function typeUrl(typeName: string): string {
  return `type.googleapis.com/${typeName}`;
}
