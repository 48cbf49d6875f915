import type { DescMessage, DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Transport } from "@connectrpc/connect";
import Fastify, { type FastifyInstance } from "fastify";
import { transcode } from "../../../edge/transcode/index.ts";
import type { Endpoint } from "./open-api-document.ts";
import { exampleOf, type Parameter } from "./open-api-document.ts";

/** A call that came to the transport, with all of its messages. */
export type RecordedCall = { method: DescMethod; messages: Message[] };

/** A transcoder before a transport that answers with messages that are empty but for their etag, and its calls. */
export type Recorder = { app: FastifyInstance; calls: RecordedCall[] };

/** Starts nothing: requests are injected. */
export async function createRecorder(
  services: readonly DescService[],
  headerFields: Readonly<Record<string, string>>,
): Promise<Recorder> {
  const calls: RecordedCall[] = [];
  const app = Fastify();
  await app.register(transcode({ services, headerFields, transport: recordingTransport(calls) }));
  return { app, calls };
}

function recordingTransport(calls: RecordedCall[]): Transport {
  const rest = (method: DescMethod) => ({
    method,
    service: method.parent,
    header: new Headers(),
    trailer: new Headers(),
  });
  return {
    async unary(method, _signal, _timeoutMs, _header, input) {
      calls.push({ method, messages: [input as Message] });
      return { ...rest(method), stream: false, message: createAnswer(method.output) } as never;
    },
    async stream(method, _signal, _timeoutMs, _header, input) {
      const messages: Message[] = [];
      for await (const message of input) messages.push(message as Message);
      calls.push({ method, messages });
      return { ...rest(method), stream: true, message: once(createAnswer(method.output)) } as never;
    },
  };
}

/** The etag of every answer that has one. */
export const ETAG = "abc";

function createAnswer(output: DescMessage): Message {
  const message = reflect(output);
  if (output.field.etag !== undefined) message.set(output.field.etag, ETAG);
  return message.message;
}

async function* once(message: Message): AsyncGenerator<Message> {
  yield message;
}

/** The request that an endpoint's examples make, for `inject`. */
export function exampleRequest({ path, httpMethod, operation }: Endpoint) {
  const { parameters = [], requestBody } = operation;
  const query = new URLSearchParams();
  for (const parameter of parameters.filter((each) => each.in === "query")) {
    const value = exampleOf(parameter);
    if (value !== undefined) query.set(parameter.name, String(value));
  }
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const body = media?.example === undefined ? "bytes" : JSON.stringify(media.example);
  return {
    method: httpMethod as "GET",
    url: `${fillPath(path, parameters)}?${query}`,
    ...(type !== undefined && {
      headers: { "content-type": type === "*/*" ? "application/octet-stream" : type },
      payload: body,
    }),
  };
}

function fillPath(path: string, parameters: readonly Parameter[]): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name) => {
    const parameter = parameters.find((candidate) => candidate.name === name);
    return encodeURIComponent(String(parameter && exampleOf(parameter)));
  });
}
