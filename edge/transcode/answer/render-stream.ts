import { Readable } from "node:stream";
import type { Message } from "@bufbuild/protobuf";
import type { RpcStream } from "../call.ts";
import type { JsonWriters } from "../json/json-writer.ts";
import { type MetadataOptions, toAnswerHeaders } from "../request/call-metadata.ts";
import type { Route } from "../routing/route.ts";
import { type RawBody, type Reply, readRawBody, writerOf } from "./render.ts";
import { StreamBody } from "./stream-body.ts";
import type { StreamFormat } from "./stream-format.ts";

export type StreamOptions = MetadataOptions & {
  /** How long a stream of messages is silent at most, in milliseconds. Default: 15,000. */
  readonly heartbeatMs?: number;
};

const HEARTBEAT_MS = 15_000;

/** How long the first message or an error may take; after that the answer begins, and an error is a last frame. */
const OPEN_MS = 1_000;

/** A stream is of its moment, and a proxy that collects it before it passes it on makes it useless. */
const UNBUFFERED = [
  ["cache-control", "no-store"],
  ["x-accel-buffering", "no"],
] as const;

/**
 * Turns the messages of a call into HTTP's answer.
 *
 * @param writeError what the last frame says of an error
 * @throws what the call throws before its first message
 */
export async function renderStream(
  route: Route,
  format: StreamFormat,
  answer: Promise<RpcStream>,
  writers: JsonWriters,
  { heartbeatMs = HEARTBEAT_MS, ...options }: StreamOptions,
  writeError: (error: unknown) => string,
): Promise<Reply> {
  const messages = readMessages(answer);
  const first = messages.next();
  const opened = first.then(async () => toAnswerHeaders([(await answer).header], options));
  const headers = await within(opened, Math.min(OPEN_MS, heartbeatMs), []);
  const write = writerOf(route, writers);
  const body = new StreamBody(messages, first, { format, write, writeError, heartbeatMs });
  return streamReply([...headers, ...UNBUFFERED], format.contentType, body);
}

/**
 * Turns the HttpBodies of a call into one body, under the content type of the first. An error after it cuts the body
 * off, which HTTP's framing tells from its end.
 *
 * @param onError told of such an error
 * @throws what the call throws before its first message
 */
export async function renderRawStream(
  route: Route,
  answer: Promise<RpcStream>,
  options: StreamOptions,
  onError: (error: unknown) => void,
): Promise<Reply> {
  const messages = readMessages(answer);
  const { value } = await messages.next();
  const first: RawBody = value
    ? readRawBody(route, value)
    : { contentType: "application/octet-stream", data: Buffer.of() };
  const headers = toAnswerHeaders([(await answer).header], options);
  const body = Readable.from(concat(route, first, messages, onError), { objectMode: false });
  return streamReply(headers, first.contentType, body);
}

function streamReply(headers: Reply["headers"], contentType: string, body: Readable): Reply {
  return { status: 200, code: undefined, headers: [...headers, ["content-type", contentType]], body };
}

async function* readMessages(answer: Promise<RpcStream>): AsyncGenerator<Message, undefined> {
  yield* (await answer).messages;
}

async function* concat(
  route: Route,
  { data }: RawBody,
  rest: AsyncIterable<Message>,
  onError: (error: unknown) => void,
) {
  try {
    yield data;
    for await (const message of rest) yield readRawBody(route, message).data;
  } catch (error) {
    onError(error);
    throw error;
  }
}

/** What the promise gives, or the fallback where that takes longer. */
async function within<T>(promise: Promise<T>, ms: number, fallback: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, fallback);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
