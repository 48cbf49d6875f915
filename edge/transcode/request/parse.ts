import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import type { FastifyRequest } from "fastify";
import { JSON_TYPE, NDJSON_TYPES, requireType } from "../media-type.ts";
import { malformed, Refusal } from "../refusal.ts";
import { takesStream } from "../routing/method-kind.ts";
import type { Route } from "../routing/route.ts";
import { type BindOptions, bindRequest, type RequestParts } from "./bind-request.ts";
import { createTooLarge, hasBody, readBody, readChunks } from "./body-bytes.ts";
import { type MetadataOptions, type TimeoutOptions, toCallHeaders, toTimeout } from "./call-metadata.ts";
import { bindIfMatch, isRead, refuseIfMatch } from "./if-match.ts";
import { splitLines } from "./message-lines.ts";
import { bindRawBody } from "./raw-body.ts";

/** What has come over HTTP for a route. `body` is unread. */
export type HttpCall = RequestParts & { readonly route: Route; readonly request: FastifyRequest };

/** What goes to the transport: one message, or, to a method that takes many, a stream of them. */
export type RpcCall = {
  readonly method: DescMethod;
  readonly headers: Headers;
  readonly timeoutMs: number | undefined;
} & ({ readonly message: Message } | { readonly messages: AsyncIterable<Message> });

export type ParseOptions = TimeoutOptions &
  MetadataOptions &
  BindOptions & {
    /** Bytes of a body, or of one line of a stream. */
    readonly bodyLimit: number;
  };

/**
 * Turns a request into a call. A stream of messages is read and parsed as the call takes them.
 *
 * @throws Refusal malformedRequest, unsupportedMediaType, requestTooLarge; the stream does, too
 */
export async function parse(call: HttpCall, options: ParseOptions): Promise<RpcCall> {
  const { route, headers } = call;
  const { method } = route;
  const rest = { method, headers: toCallHeaders(headers, options), timeoutMs: toTimeout(headers, options) };
  if (!takesStream(method)) return { ...rest, message: await readMessage(call, options) };
  refuseIfMatch(route, headers);
  if (isRaw(route)) return { ...rest, messages: readPieces(call, options) };
  // Whether a body without a type has anything in it is seen when it is read.
  const type = headers["content-type"];
  if (type !== undefined && hasBody(call.request)) requireType(type, NDJSON_TYPES);
  return { ...rest, messages: readLines(call, options) };
}

function isRaw({ body }: Route): boolean {
  return body.kind !== "none" && body.raw;
}

const NOTHING = new Uint8Array(0);

async function readMessage(call: HttpCall, options: ParseOptions): Promise<Message> {
  const { route, request, headers } = call;
  const body = hasBody(request) ? await readBody(request, options.bodyLimit) : NOTHING;
  const json = body.length === 0 || isRaw(route) ? undefined : body;
  if (json !== undefined) requireJson(route, headers["content-type"]);
  const message = bindRequest(route, call, json, options);
  if (isRaw(route)) bindRawBody(message, route, body, headers["content-type"]);
  if (!isRead(request.method)) bindIfMatch(message, route, headers, options.readers);
  return message;
}

function requireJson({ body, httpMethod, method }: Route, contentType: string | undefined): void {
  if (body.kind === "none") throw malformed(`${httpMethod} ${method.name} takes no body`);
  requireType(contentType, [JSON_TYPE]);
}

/** A message for each line of JSON; path, query and headers belong to each. */
async function* readLines(call: HttpCall, options: ParseOptions): AsyncGenerator<Message> {
  const { route, request, headers } = call;
  if (!hasBody(request)) return;
  const limit = options.bodyLimit;
  const tooLong = () => createTooLarge(limit, request.raw.httpVersionMajor, "a line of the body");
  let number = 0;
  for await (const line of splitLines(readChunks(request, limit), limit, tooLong)) {
    if (number === 0) requireType(headers["content-type"], NDJSON_TYPES);
    number += 1;
    yield atLine(number, () => bindRequest(route, call, line, options));
  }
}

function atLine<T>(number: number, parseLine: () => T): T {
  try {
    return parseLine();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.kind, `message ${number}: ${error.message}`) : error;
  }
}

/** A message for each piece of the body as it comes; path, query and content type belong to the first. */
async function* readPieces(call: HttpCall, options: ParseOptions): AsyncGenerator<Message> {
  const { route, request, headers } = call;
  let message: Message | undefined = bindRequest(route, call, undefined, options);
  for await (const piece of hasBody(request) ? readChunks(request, options.bodyLimit) : []) {
    const next: Message = message ?? create(route.method.input);
    bindRawBody(next, route, piece, message && headers["content-type"]);
    message = undefined;
    yield next;
  }
  if (message === undefined) return;
  bindRawBody(message, route, NOTHING, headers["content-type"]);
  yield message;
}
