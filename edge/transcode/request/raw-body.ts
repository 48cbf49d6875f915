import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { BodyBinding, Route } from "../routing/route.ts";

/**
 * Puts bytes into a request as its google.api.HttpBody.
 *
 * @param contentType of the bytes; undefined for a later piece of them
 */
export function bindRawBody(message: Message, route: Route, data: Uint8Array, contentType: string | undefined): void {
  const { input } = route.method;
  const desc = httpBodyOf(route.body, input);
  const body = { data, contentType: contentType ?? "" };
  if (route.body.kind === "field") reflect(input, message).set(route.body.field, reflect(desc, create(desc, body)));
  else Object.assign(message, body);
}

function httpBodyOf(body: BodyBinding, input: DescMessage): DescMessage {
  return body.kind === "field" && body.field.message !== undefined ? body.field.message : input;
}
