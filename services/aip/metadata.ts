import { invalidFields } from "../rpc/errors.ts";

const MAX_BYTES = 4_096;

/** Refuses metadata whose keys and values together exceed 4,096 bytes of UTF-8, or hold NUL: INVALID_ARGUMENT. */
export function checkMetadata(metadata: Readonly<Record<string, string>>, field: string): void {
  let bytes = 0;
  for (const key in metadata) {
    const value = metadata[key]!;
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    if (key.includes("\0") || value.includes("\0")) {
      throw invalidFields([{ field, description: "NUL (U+0000) is not allowed in keys or values" }]);
    }
  }
  if (bytes > MAX_BYTES) {
    throw invalidFields([{ field, description: `${bytes} bytes; at most ${MAX_BYTES} in keys and values together` }]);
  }
}

/** A metadata map as it is stored: JSON, or null where it is empty. */
export function formatMetadata(metadata: Readonly<Record<string, string>>): string | null {
  for (const _ in metadata) return JSON.stringify(metadata);
  return null;
}

/** The inverse of formatMetadata. */
export function parseMetadata(stored: string | null): Record<string, string> {
  return stored === null ? {} : JSON.parse(stored);
}
