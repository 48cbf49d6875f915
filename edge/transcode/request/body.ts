import { create } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { JsonReaders } from "../json/json-reader.ts";
import { JsonReadError } from "../json/text/read-error.ts";
import { malformed } from "../refusal.ts";
import type { Route } from "../routing/route.ts";

/** A byte order mark stays, for JSON has none. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a body. @throws Refusal malformedRequest */
export function decodeBody(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed("the body is not valid UTF-8");
  }
}

/**
 * Makes the request message from the body's text, of which `undefined` stands for none: it sets nothing.
 *
 * @throws Refusal malformedRequest
 */
export function bindBody(route: Route, text: string | undefined, readers: JsonReaders): ReflectMessage {
  const { method, body } = route;
  if (text === undefined) return reflect(method.input);
  try {
    if (body.kind === "request") return reflect(method.input, readers.readMessage(method.input, text));
    const message = create(method.input);
    if (body.kind === "field") readers.readField(message, body.field, text);
    return reflect(method.input, message);
  } catch (error) {
    if (!(error instanceof JsonReadError)) throw error;
    throw malformed(`${error.syntax ? "the body is not valid JSON" : "the request's body"}: ${error.message}`);
  }
}
