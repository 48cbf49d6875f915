import type { Readable } from "node:stream";
import type { Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Code, ConnectError } from "@connectrpc/connect";
import type { RpcMessage } from "../call.ts";
import { formatEntityTag } from "../entity-tag.ts";
import type { JsonWriters } from "../json/json-writer.ts";
import { JSON_TYPE } from "../media-type.ts";
import { type MetadataOptions, toAnswerHeaders } from "../request/call-metadata.ts";
import type { Route } from "../routing/route.ts";

/** An answer over HTTP. */
export type Reply = {
  /** HTTP status. */
  readonly status: number;
  /** The code of an error; undefined where it went well, or where a stream is still to fail. */
  readonly code: Code | undefined;
  /** Of the ErrorInfo of an error. */
  readonly reason?: string | undefined;
  /** What a call failed with. */
  readonly error?: ConnectError;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array | Readable;
};

/** The HttpBody in a response. */
export type RawBody = { readonly contentType: string; readonly data: Uint8Array };

/** Turns a call's answer into HTTP's: JSON, or the bytes of an HttpBody, of the response or its `response_body`. */
export function render(route: Route, answer: RpcMessage, writers: JsonWriters, options: MetadataOptions): Reply {
  const headers = toAnswerHeaders([answer.header, answer.trailer], options);
  if (route.rawAnswer) {
    const { contentType, data } = readRawBody(route, answer.message);
    return { status: 200, code: undefined, headers: [...headers, ["content-type", contentType]], body: data };
  }
  const body = writerOf(route, writers)(answer.message);
  const tag = headers.some(([name]) => name === "etag") ? undefined : entityTag(route, answer.message, body);
  if (tag !== undefined) headers.push(["etag", tag]);
  return jsonReply(200, undefined, headers, body);
}

/** The tag of an answer that shows a resource with an etag. */
function entityTag({ method, answerEtag }: Route, message: Message, body: string): string | undefined {
  if (answerEtag === undefined) return undefined;
  return formatEntityTag(String(reflect(method.output, message).get(answerEtag)), body);
}

/** What writes the answers of a route as JSON. */
export function writerOf({ method, responseBody }: Route, writers: JsonWriters): (message: Message) => string {
  return responseBody === undefined ? writers.message(method.output) : writers.field(responseBody);
}

/** The HttpBody that an answer is or has. Its content type, where it names none, is that of any bytes. */
export function readRawBody({ method, responseBody }: Route, message: Message): RawBody {
  const response = reflect(method.output, message);
  const body = responseBody === undefined ? response : (response.get(responseBody) as ReflectMessage);
  const { contentType, data } = body.message as unknown as RawBody;
  return { contentType: contentType || "application/octet-stream", data };
}

/** An answer with a JSON body, and the content type after all other headers. */
export function jsonReply(status: number, code: Code | undefined, headers: Reply["headers"], body: string): Reply {
  return { status, code, headers: [...headers, ["content-type", `${JSON_TYPE}; charset=utf-8`]], body };
}
