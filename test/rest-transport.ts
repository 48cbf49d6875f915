import { type Agent, request as sendRequest } from "node:http";
import {
  create,
  createRegistry,
  type DescMessage,
  type DescMethodUnary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { type Code, ConnectError, type Transport } from "@connectrpc/connect";
import { readBindings } from "../edge/transcode/routing/http-rule.ts";
import { parsePathTemplate } from "../edge/transcode/routing/path-template.ts";
import { HttpBodySchema } from "../gen/google/api/httpbody_pb.ts";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.ts";

/** An HTTP request as an annotation says it; `body` is undefined where none is sent. */
export type RestRequest = { httpMethod: string; target: string; body: JsonValue | undefined };

/** An HTTP answer, unread. */
export type RawAnswer = { status: number; headers: Headers; body: Buffer };

const ERROR_DETAILS = createRegistry(file_google_rpc_error_details);

/** The codes' names in google.rpc.Code, in the order of their numbers from 1 on. */
const CODE_NAMES = [
  "CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED",
].flatMap((line) => line.split(" "));

/** Takes the value at a path of proto names out of a message's JSON. */
function takeOut(json: JsonObject, [name = "", ...rest]: readonly string[]): string {
  const key = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const value = json[key];
  if (rest.length > 0) return takeOut((value ?? {}) as JsonObject, rest);
  delete json[key];
  return String(value ?? "");
}

function queryOf(json: JsonObject): string {
  const pairs = Object.entries(json).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item): [string, string] => [name, String(item)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}

/** The HTTP request that a method's first `google.api.http` binding makes of a message. */
export function toRestRequest(method: DescMethodUnary, message: Message): RestRequest {
  return jsonToRestRequest(method, toJson(method.input, message) as JsonObject);
}

/** The same of a message's JSON, which may hold what no message can. */
export function jsonToRestRequest(method: DescMethodUnary, message: JsonObject): RestRequest {
  const [binding] = readBindings(method);
  if (!binding) throw new Error(`${method.name} has no http option`);
  const { segments, variables, verb } = parsePathTemplate(binding.path);
  const json = structuredClone(message);
  const texts = segments.map((segment) => (segment.kind === "literal" ? segment.text : "*"));
  for (const { fieldPath, start, end } of [...variables].reverse()) {
    const parts = takeOut(json, fieldPath).split("/").map(encodeURIComponent);
    texts.splice(start, (end ?? segments.length) - start, ...parts);
  }
  const path = `/${texts.join("/")}${verb && `:${verb}`}`;
  if (binding.body === "*") return { httpMethod: binding.httpMethod, target: path, body: json };
  const bound = method.input.fields.find(({ name }) => name === binding.body)?.jsonName ?? "";
  const { [bound]: body, ...rest } = json;
  return {
    httpMethod: binding.httpMethod,
    target: path + queryOf(rest),
    body,
  };
}

type ExchangeOptions = {
  agent?: Agent;
  method: string;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array | undefined;
  signal?: AbortSignal;
};

/**
 * Sends bytes over HTTP/1.1 and reads the answer's.
 *
 * @param url what follows the origin is sent as it is, `..` and all
 */
export function exchange(url: string, { body, ...options }: ExchangeOptions): Promise<RawAnswer> {
  const [, origin = url, path = ""] = /^(http:\/\/[^/]*)(.*)$/s.exec(url) ?? [];
  const headers = { ...options.headers };
  // Node itself leaves the length of a GET's or DELETE's body out.
  if (body !== undefined && headers["transfer-encoding"] === undefined) {
    headers["content-length"] ??= String(Buffer.byteLength(body));
  }
  return new Promise((resolve, reject) => {
    const request = sendRequest(origin, { ...options, headers, path: path || "/" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const received = Object.entries(response.headers).map(
          ([name, value]) => [name, String(value)] as [string, string],
        );
        resolve({ status: response.statusCode!, headers: new Headers(received), body: Buffer.concat(chunks) });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The error in an answer's body. The code is the name in `status`; the HTTP status says less. */
export function restErrorOf({ body, headers }: RawAnswer): ConnectError {
  const { error } = JSON.parse(body.toString()) as {
    error: { status: string; message: string; details: JsonObject[] };
  };
  const code = (CODE_NAMES.indexOf(error.status) + 1) as Code;
  const failure = new ConnectError(error.message, code, headers);
  failure.details = error.details.map(({ "@type": type, ...json }) => {
    const desc = ERROR_DETAILS.getMessage(String(type).replace("type.googleapis.com/", ""))!;
    return { type: desc.typeName, value: toBinary(desc, fromJson(desc, json)) };
  });
  return failure;
}

/** What was answered: JSON of a message, or bytes of a type of their own. */
function messageOf<Desc extends DescMessage>(output: Desc, { headers, body }: RawAnswer): MessageShape<Desc> {
  const isRaw = output.typeName === HttpBodySchema.typeName;
  const json = isRaw
    ? { contentType: headers.get("content-type"), data: body.toString("base64") }
    : (JSON.parse(body.toString()) as JsonValue);
  return fromJson(output, json);
}

/** A transport that calls methods as a REST client does, by their `google.api.http` options. */
export function createRestTransport(address: string, agent?: Agent): Transport {
  return {
    async unary(method, _signal, _timeoutMs, header, input) {
      const { httpMethod, target, body } = toRestRequest(method, create(method.input, input));
      const headers = Object.fromEntries(new Headers(header));
      if (body !== undefined) headers["content-type"] = "application/json";
      const answer = await exchange(address + target, {
        agent,
        method: httpMethod,
        headers,
        body: JSON.stringify(body),
      });
      if (answer.status !== 200) throw restErrorOf(answer);
      const message = messageOf(method.output, answer);
      return { stream: false, service: method.parent, method, header: answer.headers, trailer: new Headers(), message };
    },
    stream(method) {
      throw new Error(`${method.name}: REST has no streams here`);
    },
  };
}
