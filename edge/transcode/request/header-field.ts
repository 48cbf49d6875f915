import type { IncomingHttpHeaders } from "node:http";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { JsonReaders } from "../json/json-reader.ts";
import { malformed } from "../refusal.ts";
import type { HeaderField } from "../routing/route.ts";

/** Fills fields from headers, where path, body and query have left them unset. @throws Refusal malformedRequest */
export function bindHeaders(
  message: ReflectMessage,
  headerFields: readonly HeaderField[],
  headers: IncomingHttpHeaders,
  readers: JsonReaders,
): void {
  for (const { header, field } of headerFields) {
    const value = headers[header];
    if (value === undefined || message.isSet(field)) continue;
    try {
      readers.writeText(message.message, field, unquote(String(value)));
    } catch (error) {
      throw malformed(`header "${header}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** A quoted value is a string of RFC 9651 (3.3.3), as the draft of `Idempotency-Key` asks for. */
function unquote(value: string): string {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1];
  return quoted === undefined ? value : quoted.replaceAll(/\\(["\\])/g, "$1");
}
