import { Code } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { failureFrom } from "../../failure.ts";
import { openEdgeTo } from "./edge-to-handlers.ts";
import { errorIn, openConnection, type RawRequest } from "./raw-exchange.ts";

const UNARY = "/kitchen.v1.KitchenService/GetMenu";
const STREAM = "/kitchen.v1.StreamService/WatchDishes";
const CONVERSE = "/kitchen.v1.StreamService/Converse";
/** Its proto says that it changes nothing, so that Connect takes GET. */
const READ = "/parley.v1.ChatService/GetChat";
const NOWHERE = "/kitchen.v1.KitchenService/Nowhere";
const body = Buffer.from("{}");

type Expected = {
  status: number;
  code: Code;
  reason: string;
  message: RegExp;
  headers?: Record<string, string>;
  method?: string;
};

function typed(path: string, type: string | undefined, method = "POST"): RawRequest {
  return { path, method, headers: type === undefined ? {} : { "content-type": type }, body };
}

function mediaType(path: string, type: string | undefined, prefix: string): [string, RawRequest, Expected] {
  const accepted = `application/${prefix}json, application/${prefix}proto, application/grpc-web+proto, application/grpc-web+json`;
  const given = type === undefined ? "no content type" : `content type "${type}"`;
  return [
    `${path} with ${given}`,
    typed(path, type),
    {
      status: 415,
      code: Code.InvalidArgument,
      reason: "UNSUPPORTED_MEDIA_TYPE",
      message: new RegExp(`^${given.replaceAll("+", "\\+")} is not taken here; send one of application/`),
      headers: { "accept-post": accepted },
    },
  ];
}

function notAllowed(path: string, method: string, allow: string): [string, RawRequest, Expected] {
  return [
    `${method} ${path}`,
    { path, method },
    {
      status: 405,
      code: Code.Unimplemented,
      reason: "METHOD_NOT_ALLOWED",
      message: new RegExp(`^this method takes no ${method}; use ${allow}$`),
      headers: { allow },
    },
  ];
}

function notFound(type: string | undefined, status: number, method = "POST"): [string, RawRequest, Expected] {
  return [
    `${method} of an unknown method with ${type}`,
    typed(NOWHERE, type, method),
    {
      status,
      code: Code.Unimplemented,
      reason: "METHOD_NOT_FOUND",
      message:
        /^\/kitchen.v1.KitchenService\/Nowhere is not served here; kitchen.v1.KitchenService has (\w+, )*GetMenu/,
      method: "",
    },
  ];
}

const malformed = (message: RegExp): Expected => ({
  status: 400,
  code: Code.InvalidArgument,
  reason: "MALFORMED_REQUEST",
  message,
});

test.each<[string, RawRequest, Expected]>([
  mediaType(UNARY, "text/plain", ""),
  mediaType(UNARY, "x/y", ""),
  mediaType(UNARY, "application/connect+json", ""),
  mediaType(UNARY, "application/json; charset=latin1", ""),
  mediaType(UNARY, "application/grpc-web-text", ""),
  mediaType(UNARY, "application/grpc", ""),
  mediaType(UNARY, undefined, ""),
  mediaType(STREAM, "application/json", "connect+"),
  mediaType(STREAM, "application/grpc-web-text+proto", "connect+"),
  [
    "a content type that is none",
    typed(UNARY, "json"),
    { ...malformed(/^content type "json" is not taken here; /), status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" },
  ],
  notAllowed(UNARY, "GET", "POST"),
  notAllowed(UNARY, "PUT", "POST"),
  notAllowed(UNARY, "OPTIONS", "POST"),
  notAllowed(STREAM, "DELETE", "POST"),
  notAllowed(READ, "PATCH", "POST, GET"),
  notFound("application/json", 404),
  notFound("application/proto", 404),
  notFound("text/plain", 404),
  notFound(undefined, 404),
  notFound(undefined, 404, "GET"),
  notFound("application/connect+json", 200),
  notFound("application/grpc-web+proto", 200),
  notFound("application/grpc-web", 200),
  [
    "GET without an encoding",
    { path: `${READ}?message={}`, method: "GET" },
    { ...malformed(/^query parameter "encoding": "" is not json or proto; send one of them$/), status: 415 },
  ],
  [
    "GET with a message that is no base64",
    { path: `${READ}?encoding=proto&base64=1&message=%2A%2A`, method: "GET" },
    malformed(
      /^the request is not a valid parley.v1.GetChatRequest in Protobuf: query parameter "message" is not base64$/,
    ),
  ],
  [
    "GET with a message that is no JSON",
    { path: `${READ}?encoding=json&message=nothing`, method: "GET" },
    malformed(/^the request is not a valid parley.v1.GetChatRequest in JSON: .+/),
  ],
  [
    "a Host that is none",
    { path: UNARY, headers: { "content-type": "application/json", host: "a b" }, body },
    malformed(/^header "host": "a b" names no host; send the server's name and port$/),
  ],
  [
    "both ways over HTTP/1.1",
    typed(CONVERSE, "application/connect+proto"),
    {
      status: 505,
      code: Code.Unimplemented,
      reason: "MALFORMED_REQUEST",
      message: /^messages both ways take HTTP\/2; use it, or gRPC$/,
      headers: { connection: "close" },
    },
  ],
])("%s", async (_name, raw, { status, code, reason, message, headers = {}, method }) => {
  const { address, calls } = await openEdgeTo();
  const answer = await openConnection(address)(raw);
  expect(answer).toMatchObject({ status, headers });
  const failure = failureFrom(errorIn(answer));
  expect(failure).toMatchObject({ code: Code[code], reason, domain: "parley" });
  expect(failure.message).toMatch(message);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]).toMatchObject({ code, method: method ?? raw.path.split("?")[0] });
});

test("GET of a method that changes nothing", async () => {
  const { address, calls } = await openEdgeTo({ chats: { getChat: ({ name }) => ({ title: name }) } });
  const message = encodeURIComponent('{"name": "x"}');
  const answer = await fetch(`${address}${READ}?encoding=json&message=${message}`);
  expect(await answer.json()).toEqual({ title: "x" });
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]).toMatchObject({ method: READ, code: undefined, protocol: "connect" });
});
