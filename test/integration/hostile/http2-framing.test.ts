import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { GetChatRequestSchema } from "../../../gen/parley/v1/chat_pb.ts";
import { openByteStream } from "./byte-stream.ts";
import {
  CANCEL,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  type Http2Wire,
  headerBlock,
  openHttp2Wire,
  uint32,
} from "./http2-wire.ts";
import { openScene, type Scene } from "./scene.ts";
import { envelopeOf } from "./wire-request.ts";

let scene: Scene;
let state: Record<string, string>;
const open: { destroy(): void }[] = [];

beforeAll(async () => {
  scene = await openScene();
  state = await scene.readState();
});

afterEach(async () => {
  for (const each of open.splice(0)) each.destroy();
  expect(await scene.readState()).toEqual(state);
  scene.expectNoFault();
});

afterAll(async () => {
  await scene.close();
});

async function connect(): Promise<Http2Wire> {
  const wire = await openHttp2Wire(scene.parley.grpcAddress);
  open.push(wire);
  return wire;
}

type Field = readonly [name: string, value: string];

const PSEUDO: Field[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/parley.v1.ChatService/GetChat"],
  [":authority", "x"],
];

function fields(...more: Field[]): Field[] {
  const rest: Field[] = [
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["authorization", `Bearer ${scene.tenant.key}`],
  ];
  return [...PSEUDO, ...rest, ...more];
}

const begin = (stream: number, block = headerBlock(fields()), flags = END_HEADERS) =>
  frame(FRAME.headers, flags, stream, block);
const reset = (stream: number) => frame(FRAME.reset, 0, stream, uint32(CANCEL));

/** A read of a chat, whole. */
function call(stream: number, ...more: Field[]): Buffer {
  const message = toBinary(GetChatRequestSchema, create(GetChatRequestSchema, { name: scene.names.chat }));
  return Buffer.concat([
    begin(stream, headerBlock(fields(...more))),
    frame(FRAME.data, END_STREAM, stream, envelopeOf(message)),
  ]);
}

/** Whether an answer's status of gRPC, or a reset, has come for a stream. */
function isAnswered(wire: Http2Wire, stream: number): boolean {
  return wire
    .frames()
    .some((each) => each.stream === stream && (each.type === FRAME.reset || (each.flags & END_STREAM) !== 0));
}

async function expectAnswer(wire: Http2Wire, stream: number): Promise<void> {
  await vi.waitFor(() => expect(isAnswered(wire, stream)).toBe(true), { timeout: 5_000 });
}

const odd = (index: number) => 2 * index + 1;
const repeat = (times: number, make: (index: number) => Uint8Array) =>
  Array.from({ length: times }, (_, index) => make(index));

/** What no session survives. */
const FATAL: [name: string, make: () => Uint8Array[]][] = [
  ["a frame above 16 KB", () => [frame(FRAME.data, 0, 1, Buffer.alloc(17_000))]],
  ["data of no stream", () => [frame(FRAME.data, 0, 0, Buffer.alloc(1))]],
  ["headers of no stream", () => [begin(0)]],
  ["headers of a server's stream", () => [begin(2)]],
  [
    "a promise of a client",
    () => [begin(1), frame(FRAME.push, END_HEADERS, 1, Buffer.concat([uint32(2), headerBlock(PSEUDO)]))],
  ],
  ["headers that are no HPACK", () => [begin(1, Buffer.alloc(32, 0xff))]],
  ["settings of 5 bytes", () => [frame(FRAME.settings, 0, 0, Buffer.alloc(5))]],
  ["a window above 2 GiB", () => repeat(2, () => frame(FRAME.window, 0, 0, uint32(0x7fff_ffff)))],
  ["a window that opens by nothing", () => [frame(FRAME.window, 0, 0, uint32(0))]],
  ["a ping of 7 bytes", () => [frame(FRAME.ping, 0, 0, Buffer.alloc(7))]],
  [
    "a length shorter than the body",
    () => [begin(1, headerBlock(fields(["content-length", "1"]))), frame(FRAME.data, END_STREAM, 1, Buffer.alloc(5))],
  ],
  ["a reset of a stream that never was", () => [reset(7)]],
  ["headers of another stream before the last have ended", () => [begin(1, headerBlock(PSEUDO), 0), begin(3)]],
  [
    "headers without an end",
    () => [
      begin(1, headerBlock(PSEUDO), 0),
      ...repeat(500, () => frame(FRAME.continuation, 0, 1, Buffer.alloc(16_000))),
    ],
  ],
  [
    "5,000 streams that are reset at once",
    () => repeat(5_000, (index) => Buffer.concat([begin(odd(index)), reset(odd(index))])),
  ],
  [
    "5,000 calls that are reset at once",
    () => repeat(5_000, (index) => Buffer.concat([call(odd(index)), reset(odd(index))])),
  ],
  ["20,000 pings", () => repeat(20_000, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8)))],
  [
    "20,000 settings",
    () => repeat(20_000, () => frame(FRAME.settings, 0, 0, Buffer.concat([Buffer.of(0, 4), uint32(65_535)]))),
  ],
];

describe("a session of HTTP/2 is ended, and others go on, for", () => {
  test.each(FATAL)("%s", async (_, make) => {
    const wire = await connect();
    const { tenant, names } = scene;
    const others = Array.from({ length: 20 }, () => tenant.chats.getChat({ name: names.chat }));
    wire.write(...make());
    await Promise.all(others);
    await wire.ended();
    const [goAway] = wire.frames().filter(({ type }) => type === FRAME.goAway);
    if (goAway) expect(goAway.payload.readUInt32BE(4)).not.toBe(0);
  });
});

const many = (length: number, value: string): Field[] =>
  Array.from({ length }, (_, index): Field => [`x-${index}`, value]);
const instead = (name: string, value: string): Field[] =>
  fields().map(([key, old]): Field => [key, key === name ? value : old]);
const without = (name: string): Field[] => fields().filter(([key]) => key !== name);

/** What ends its stream and no more. */
const REFUSED: [name: string, block: () => Field[]][] = [
  ["a name in capitals", () => fields(["X-A", "1"])],
  ["a header of the connection", () => fields(["connection", "close"])],
  ["no path", () => without(":path")],
  ["two paths", () => [[":path", "/x"], ...fields()]],
  ["a path after the other headers", () => [...without(":path"), [":path", "/x"]]],
  ["an unknown pseudo-header", () => [[":nope", "1"], ...fields()]],
  ["a length longer than the body", () => fields(["content-length", "99"])],
  ["200 headers", () => fields(...many(200, "a"))],
  ["a header of 30 KB", () => fields(["x-a", "a".repeat(14_000)], ["x-b", "b".repeat(1_500)])],
  ["another content type", () => instead("content-type", "text/plain")],
  ["no content type", () => without("content-type")],
  ["an empty path", () => instead(":path", "")],
  ["a path that is not one", () => instead(":path", "no slash")],
  ["a method that there is not", () => instead(":path", "/parley.v1.ChatService/Nope")],
];

describe("a session of HTTP/2 goes on after a stream with", () => {
  test.each(REFUSED)("%s", async (_, block) => {
    const wire = await connect();
    wire.write(begin(1, headerBlock(block())), frame(FRAME.data, END_STREAM, 1, envelopeOf(Buffer.alloc(0))));
    await expectAnswer(wire, 1);
    wire.write(call(3));
    await expectAnswer(wire, 3);
  });

  test("a header of 60 KB, or is ended", async () => {
    const wire = await connect();
    const block = headerBlock(fields(["x-a", "a".repeat(60_000)]));
    const parts = [block.subarray(0, 16_000), block.subarray(16_000, 32_000), block.subarray(32_000, 48_000)];
    wire.write(
      begin(1, parts[0], END_STREAM),
      ...parts.slice(1).map((part) => frame(FRAME.continuation, 0, 1, part)),
      frame(FRAME.continuation, END_HEADERS, 1, block.subarray(48_000)),
    );
    await Promise.race([expectAnswer(wire, 1), wire.ended()]);
  });

  test("10,000 empty frames", async () => {
    const wire = await connect();
    wire.write(begin(1), ...repeat(10_000, () => frame(FRAME.data, 0, 1)), reset(1), call(3));
    await Promise.race([expectAnswer(wire, 3), wire.ended()]);
  });

  test("a frame of no known type", async () => {
    const wire = await connect();
    wire.write(frame(0x42, 0, 0, Buffer.alloc(100)), call(1));
    await expectAnswer(wire, 1);
  });

  test("more streams than may be open are refused", async () => {
    const wire = await connect();
    wire.write(...repeat(1_100, (index) => begin(odd(index))));
    const isRefused = ({ type, payload }: ReturnType<Http2Wire["frames"]>[number]) =>
      type === FRAME.reset && payload.readUInt32BE() === 7;
    await vi.waitFor(() => expect(wire.frames().filter(isRefused)).toHaveLength(100), { timeout: 5_000 });
  });
});

describe("the port of gRPC closes", () => {
  test.each([
    ["HTTP/1.1", "POST /parley.v1.ChatService/GetChat HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"],
    ["the hello of TLS", Buffer.from("16030100c8010000c40303", "hex")],
    ["random bytes", Buffer.alloc(1_000, 0xa5)],
  ])("on %s", async (_, bytes) => {
    const stream = await openByteStream(scene.parley.grpcAddress);
    open.push(stream);
    stream.write(bytes);
    await stream.ended();
  });
});
