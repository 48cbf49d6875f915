import {
  type DescMethodUnary,
  type JsonObject,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { jsonToRestRequest } from "../../rest-transport.ts";

/** The protocols, and the encodings that each has. */
export const WAYS = ["grpc", "connect+proto", "connect+json", "grpc-web", "rest"] as const;
export type Way = (typeof WAYS)[number];

/** A request as it goes over the wire; nothing in it has to be right. */
export type WireRequest = {
  httpMethod: string;
  /** Path and query as they are sent. */
  target: string;
  headers: Record<string, string | string[]>;
  body: Uint8Array | undefined;
};

const CONTENT_TYPES: Record<Way, string> = {
  grpc: "application/grpc+proto",
  "connect+proto": "application/proto",
  "connect+json": "application/json",
  "grpc-web": "application/grpc-web+proto",
  rest: "application/json",
};

/** A message of gRPC and gRPC-Web in its envelope. */
export function envelopeOf(message: Uint8Array, flags = 0, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** The request of a message in Protobuf, whose bytes may be of no message. */
export function requestOfBytes(way: Way, method: DescMethodUnary, bytes: Uint8Array, key: string): WireRequest {
  const body = way === "connect+proto" ? bytes : envelopeOf(bytes);
  return { ...postTo(method), headers: headersOf(way, key), body };
}

/** The request of a message in JSON, which may hold what no message can. */
export function requestOfJson(way: Way, method: DescMethodUnary, json: JsonValue, key: string): WireRequest {
  const headers = headersOf(way, key);
  if (way === "connect+json") return { ...postTo(method), headers, body: Buffer.from(JSON.stringify(json)) };
  const { httpMethod, target, body } = jsonToRestRequest(method, json as JsonObject);
  if (body === undefined) return { httpMethod, target, headers: { authorization: `Bearer ${key}` }, body };
  return { httpMethod, target, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** What a well-behaved caller sends. */
export function requestOf(way: Way, method: DescMethodUnary, message: Message, key: string): WireRequest {
  if (way === "rest" || way === "connect+json") return requestOfJson(way, method, toJson(method.input, message), key);
  return requestOfBytes(way, method, toBinary(method.input, message), key);
}

function postTo(method: DescMethodUnary): Pick<WireRequest, "httpMethod" | "target"> {
  return { httpMethod: "POST", target: `/${method.parent.typeName}/${method.name}` };
}

function headersOf(way: Way, key: string): WireRequest["headers"] {
  const headers = { authorization: `Bearer ${key}`, "content-type": CONTENT_TYPES[way] };
  if (way === "grpc") return { ...headers, te: "trailers" };
  return way.startsWith("connect") ? { ...headers, "connect-protocol-version": "1" } : headers;
}
