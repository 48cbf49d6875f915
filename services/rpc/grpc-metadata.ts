import { Metadata } from "@grpc/grpc-js";

/** Names that belong to HTTP/2 and gRPC themselves; a handler's or an upstream's values for them would break the call. */
const reserved = new Set([
  ...["connection", "content-length", "content-type", "host", "keep-alive", "proxy-connection", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "http2-settings", "grpc-status", "grpc-message", "grpc-status-details-bin"],
  ...["grpc-encoding", "grpc-accept-encoding", "grpc-timeout"],
]);

const carriable = /^[ -~]*$/;

/** Whether gRPC can carry a header as metadata: not one that is its own, and only printable ASCII. */
export function isMetadata(name: string, value: string): boolean {
  return !reserved.has(name) && carriable.test(value);
}

/** What HTTP/2 counts for a field beside its name and value (RFC 9113, 6.5.2). */
const FIELD_BYTES = 32;

/**
 * Binary values, of keys that end with `-bin`, become base64, as Connect has them; several values are joined by ", ".
 * `size` is in bytes as HTTP/2 counts headers.
 */
export function readMetadata(metadata: Metadata): { headers: Headers; size: number } {
  const headers = new Headers();
  let size = 0;
  const values = metadata.toHttp2Headers();
  for (const key in values) {
    const value = values[key];
    for (const each of Array.isArray(value) ? value : [String(value)]) {
      headers.append(key, each);
      size += key.length + each.length + FIELD_BYTES;
    }
  }
  return { headers, size };
}

/**
 * The inverse of readMetadata; null for nothing. Reserved names, and text that gRPC cannot carry (outside printable
 * ASCII), are left out.
 */
export function toMetadata(...sources: readonly Headers[]): Metadata | null {
  let metadata: Metadata | null = null;
  const add = (value: string, key: string) => {
    if (reserved.has(key)) return;
    metadata ??= new Metadata();
    if (key.endsWith("-bin")) addBinary(metadata, key, value);
    else if (carriable.test(value)) metadata.add(key, value);
  };
  for (const headers of sources) headers.forEach(add);
  return metadata;
}

function addBinary(metadata: Metadata, key: string, joined: string): void {
  for (const value of joined.split(",")) metadata.add(key, Buffer.from(value.trim(), "base64"));
}
