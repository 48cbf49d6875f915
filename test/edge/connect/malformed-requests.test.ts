import { gzipSync } from "node:zlib";
import { Code } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { expect, test, vi } from "vitest";
import { failureFrom } from "../../failure.ts";
import { LIMIT, openEdgeTo } from "./edge-to-handlers.ts";
import { envelope, errorIn, openConnection, type RawRequest } from "./raw-exchange.ts";

/** A way in: how a message travels to a method, and how the answer says what became of it. */
type Way = {
  name: string;
  path: string;
  type: string;
  isJson: boolean;
  isUnaryConnect: boolean;
  encodingHeader: string;
  acceptHeader: string;
  timeoutHeader: string;
};

const UNARY = "/kitchen.v1.KitchenService/GetMenu";
const SERVER_STREAM = "/kitchen.v1.StreamService/WatchDishes";
const CLIENT_STREAM = "/kitchen.v1.StreamService/UploadDishes";

function wayOf(kind: "unary" | "server stream" | "client stream", protocol: "Connect" | "gRPC-Web", isJson: boolean) {
  const path = { unary: UNARY, "server stream": SERVER_STREAM, "client stream": CLIENT_STREAM }[kind];
  const format = isJson ? "json" : "proto";
  const isConnect = protocol === "Connect";
  const isUnaryConnect = isConnect && kind === "unary";
  const prefix = isUnaryConnect ? "" : isConnect ? "connect+" : "grpc-web+";
  return {
    name: `${protocol}, ${kind}, ${format}`,
    path,
    type: `application/${prefix}${format}`,
    isJson,
    isUnaryConnect,
    encodingHeader: isUnaryConnect ? "content-encoding" : isConnect ? "connect-content-encoding" : "grpc-encoding",
    acceptHeader: isUnaryConnect ? "accept-encoding" : isConnect ? "connect-accept-encoding" : "grpc-accept-encoding",
    timeoutHeader: isConnect ? "connect-timeout-ms" : "grpc-timeout",
  };
}

const KINDS = ["unary", "server stream", "client stream"] as const;
const WAYS: Way[] = (["Connect", "gRPC-Web"] as const).flatMap((protocol) =>
  KINDS.flatMap((kind) => [false, true].map((isJson) => wayOf(kind, protocol, isJson))),
);

const wrap = (way: Way, data: Uint8Array, flags = 0) => (way.isUnaryConnect ? data : envelope(data, flags));
const bytes = (...all: number[]) => Uint8Array.from(all);
const text = (all: string) => Buffer.from(all);
const good = ({ isJson }: Way) => (isJson ? text("{}") : bytes());

type Bad = {
  name: string;
  make: (way: Way) => Omit<RawRequest, "path">;
  code: Code;
  reason: string;
  message: RegExp;
  only?: (way: Way) => boolean;
};

/** Bytes that are no message in the format. */
function badMessage(name: string, isJson: boolean, data: Uint8Array, only: Bad["only"] = () => true): Bad {
  return {
    name,
    make: (way) => ({ body: wrap(way, data) }),
    code: Code.InvalidArgument,
    reason: "MALFORMED_REQUEST",
    message: isJson
      ? /^the request is not a valid kitchen\.v1\.\w+ in JSON: .+/
      : /^the request is not a valid kitchen\.v1\.\w+ in Protobuf: .+/,
    only: (way) => way.isJson === isJson && only(way),
  };
}

function malformed(name: string, message: RegExp, make: Bad["make"], only?: Bad["only"]): Bad {
  return { name, make, message, code: Code.InvalidArgument, reason: "MALFORMED_REQUEST", only };
}

function tooLarge(name: string, make: Bad["make"], only?: Bad["only"]): Bad {
  const message = /^the request has a message of more than 2000 bytes; send less$/;
  return { name, make, message, code: Code.ResourceExhausted, reason: "REQUEST_TOO_LARGE", only };
}

const isEnveloped = (way: Way) => !way.isUnaryConnect;
const takesOne = (way: Way) => isEnveloped(way) && way.path !== CLIENT_STREAM;
const compressed = (way: Way, encoding: string, data: Uint8Array) => ({
  headers: { [way.encodingHeader]: encoding },
  body: wrap(way, data, 1),
});
const filled = ({ isJson }: Way, length: number) =>
  isJson
    ? text(JSON.stringify({ id: "x".repeat(length) }))
    : Buffer.concat([bytes(0x0a, 0xff, 0xff, 0x03), Buffer.alloc(length)]);

const BAD: Bad[] = [
  badMessage("a field cut short", false, bytes(0x0a, 0x05, 0x61)),
  badMessage("no such wire type", false, bytes(0x07)),
  badMessage("a field without a number", false, bytes(0x00)),
  badMessage("a group without an end", false, bytes(0x0b)),
  badMessage("a string that is not UTF-8", false, bytes(0x0a, 0x01, 0xff)),
  badMessage("JSON cut short", true, text('{"id": ')),
  badMessage("no JSON at all", true, bytes()),
  badMessage("a JSON array", true, text("[]")),
  badMessage("JSON null", true, text("null")),
  badMessage("a number for a string", true, text('{"id": 1, "parent": 1}')),
  badMessage("JSON that is not UTF-8", true, Buffer.concat([text('{"id": "'), bytes(0xff), text('"}')])),
  malformed("a timeout that is none", /^header "[a-z-]+": "soon" is not a timeout; send .+/, (way) => ({
    headers: { [way.timeoutHeader]: "soon" },
    body: wrap(way, good(way)),
  })),
  malformed("a compression that is not what it says", / in (JSON|Protobuf): decompression failed$/, (way) =>
    compressed(way, "gzip", text("not gzip")),
  ),
  malformed("a compression cut short", / in (JSON|Protobuf): decompression failed$/, (way) =>
    compressed(way, "gzip", gzipSync(filled(way, 100)).subarray(0, -10)),
  ),
  malformed("brotli that is none", / in (JSON|Protobuf): decompression failed$/, (way) =>
    compressed(way, "br", text("not brotli")),
  ),
  malformed(
    "a flag of compression without one",
    /: received compressed envelope, .*/,
    (way) => ({ body: wrap(way, good(way), 1) }),
    isEnveloped,
  ),
  malformed(
    "an envelope cut short",
    /: incomplete envelope$/,
    (way) => ({ body: wrap(way, good(way)).subarray(0, 4) }),
    isEnveloped,
  ),
  malformed("a message cut short", /: incomplete envelope$/, () => ({ body: bytes(0, 0, 0, 0, 9, 1) }), isEnveloped),
  {
    name: "an unknown compression",
    make: (way) => compressed(way, "zstd", good(way)),
    code: Code.Unimplemented,
    reason: "MALFORMED_REQUEST",
    message: /^unknown compression "zstd": supported encodings are gzip,br$/,
  },
  {
    name: "no message",
    make: () => ({ body: bytes() }),
    code: Code.Unimplemented,
    reason: "MALFORMED_REQUEST",
    message: /^missing input message for .+ method$/,
    only: takesOne,
  },
  {
    name: "two messages",
    make: (way) => ({ body: Buffer.concat([envelope(good(way)), envelope(good(way))]) }),
    code: Code.Unimplemented,
    reason: "MALFORMED_REQUEST",
    message: /^received extra input message for .+ method$/,
    only: takesOne,
  },
  tooLarge("a message over the limit", (way) => ({ body: wrap(way, filled(way, LIMIT)) })),
  tooLarge("a message over the limit in parts", (way) => ({
    body: [wrap(way, filled(way, LIMIT)), bytes(), bytes(0)],
  })),
  tooLarge("a length over the limit", () => ({ body: bytes(0, 0xff, 0xff, 0xff, 0xff) }), isEnveloped),
  tooLarge("a message that inflates over the limit", (way) => compressed(way, "gzip", gzipSync(filled(way, LIMIT)))),
  tooLarge("a bomb", (way) => compressed(way, "gzip", gzipSync(filled(way, 1_500_000)))),
];

const ROWS = WAYS.flatMap((way) =>
  BAD.filter(({ only }) => only?.(way) ?? true).map((bad) => [`${way.name}: ${bad.name}`, way, bad] as const),
);

test.each(ROWS)("%s", async (_name, way, bad) => {
  const handled = vi.fn();
  const { address, calls, faults } = await openEdgeTo({
    kitchen: { getMenu: handled },
    stream: {
      watchDishes: handled,
      async uploadDishes(requests) {
        for await (const request of requests) handled(request);
        return {};
      },
    },
  });
  const send = openConnection(address);
  const { headers, ...rest } = bad.make(way);
  const answer = await send({ path: way.path, headers: { "content-type": way.type, ...headers }, ...rest });
  expect(answer.status).toBe(way.isUnaryConnect ? codeToHttpStatus(bad.code) : 200);
  const failure = failureFrom(errorIn(answer));
  expect(failure).toMatchObject({ code: Code[bad.code], reason: bad.reason, domain: "parley" });
  expect(failure.message).toMatch(bad.message);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]).toMatchObject({ method: way.path, code: bad.code });
  expect(handled).not.toHaveBeenCalled();
  expect(faults).toEqual([]);
  expect((await send({ path: "/healthz", method: "GET" })).reused, "the connection is kept").toBe(true);
});
