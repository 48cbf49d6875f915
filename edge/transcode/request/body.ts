import type { Readable } from "node:stream";
import { type DescField, fromJson, type JsonValue, type Registry } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { FastifyRequest } from "fastify";
import { malformed, Refusal } from "../refusal.ts";
import { writeField } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";

/**
 * Reads a request's body, at most the route's `bodyLimit` of bytes.
 *
 * @param request its `body`, where it has one, is the stream that the content-type parser left unread
 * @throws Refusal requestTooLarge
 */
export async function readBody(request: FastifyRequest): Promise<Uint8Array> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  const framed = length !== undefined || encoding !== undefined;
  if (!framed && request.raw.httpVersionMajor < 2) return new Uint8Array(0);
  const limit = request.routeOptions.bodyLimit;
  const tooLarge = () => createTooLarge(limit, request.raw.httpVersionMajor);
  if (Number(length) > limit) throw tooLarge();
  return collect((request.body as Readable | undefined) ?? request.raw, limit, tooLarge);
}

/** The rest of the body is not worth the connection; one of HTTP/2 has other requests, and no such header. */
function createTooLarge(limit: number, httpVersionMajor: number): Refusal {
  const headers: Record<string, string> = httpVersionMajor < 2 ? { connection: "close" } : {};
  return new Refusal("requestTooLarge", `the body is larger than ${limit} bytes`, headers);
}

/** What follows the limit is still read, and dropped: a caller who is busy sending sees the answer. */
function collect(stream: Readable, limit: number, tooLarge: () => Refusal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const cut = () => reject(new ConnectError("the request ended before its body did", Code.Canceled));
    stream.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > limit) reject(tooLarge());
      else chunks.push(chunk);
    });
    stream.on("end", () => resolve(Buffer.concat(chunks)));
    stream.on("error", cut);
    stream.on("close", cut);
  });
}

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
