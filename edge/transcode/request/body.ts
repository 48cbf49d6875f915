import { type DescField, fromJson, type JsonValue, type Registry } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { malformed } from "../refusal.ts";
import { writeField } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Parses a body that is not empty. @throws Refusal malformedRequest */
export function parseBody(bytes: Uint8Array): JsonValue {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw malformed("the body is not valid UTF-8");
  }
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw malformed(`the body is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Makes the request message from the body, of which `undefined` stands for an empty one: it sets nothing.
 *
 * @throws Refusal malformedRequest
 */
export function bindBody(route: Route, json: JsonValue | undefined, registry: Registry): ReflectMessage {
  const { input } = route.method;
  if (json === undefined) return reflect(input);
  try {
    if (route.body.kind === "request") return reflect(input, fromJson(input, json, { registry }));
    const message = reflect(input);
    if (route.body.kind === "field") writeBodyField(message, route.body.field, json, registry);
    else throw new Error("the method takes none");
    return message;
  } catch (error) {
    throw malformed(`body: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Inside a message `null` means unset; as a whole body it means nothing, but to a Value. */
function writeBodyField(message: ReflectMessage, field: DescField, json: JsonValue, registry: Registry): void {
  const value = field.fieldKind === "message" && field.message.typeName === "google.protobuf.Value";
  if (json === null && !value) throw new Error(`null is no ${field.name}`);
  writeField(message, field, json, registry);
}
