import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  begin,
  call,
  expectEnd,
  type Field,
  fieldsOf,
  type Http2Caller,
  REFUSED_STREAM,
  repeat,
  reset,
  streamOf,
} from "./http2-call.ts";
import { END_HEADERS, END_STREAM, FRAME, frame, type Http2Wire, headerBlock, openHttp2Wire } from "./http2-wire.ts";
import { openScene, type Scene } from "./scene.ts";
import { envelopeOf } from "./wire-request.ts";

let scene: Scene;
let state: Record<string, string>;
let caller: Http2Caller;
const open: Http2Wire[] = [];

beforeAll(async () => {
  scene = await openScene();
  state = await scene.readState();
  caller = { key: scene.parley.adminKey, contentType: "application/grpc" };
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

/** The headers of a good call with more, others or fewer. */
const having = (...more: Field[]) => fieldsOf(caller, ...more);
const instead = (name: string, value: string) => having().map(([key, old]): Field => [key, key === name ? value : old]);
const without = (name: string) => having().filter(([key]) => key !== name);
const many = (length: number): Field[] => Array.from({ length }, (_, index): Field => [`x-${index}`, "a"]);

const REFUSED: [name: string, fields: () => Field[]][] = [
  ["a name in capitals", () => having(["X-A", "1"])],
  ["a header of the connection", () => having(["connection", "close"])],
  ["no path", () => without(":path")],
  ["two paths", () => [[":path", "/x"], ...having()]],
  ["a path after the other headers", () => [...without(":path"), [":path", "/x"]]],
  ["an unknown pseudo-header", () => [[":nope", "1"], ...having()]],
  ["a length longer than the body", () => having(["content-length", "99"])],
  ["200 headers", () => having(...many(200))],
  ["headers of 16 KB", () => having(["x-a", "a".repeat(14_000)], ["x-b", "b".repeat(2_000)])],
  ["another content type", () => instead("content-type", "text/plain")],
  ["no content type", () => without("content-type")],
  ["an empty path", () => instead(":path", "")],
  ["a path that is not one", () => instead(":path", "no slash")],
  ["a method that there is not", () => instead(":path", "/parley.v1.ChatService/Nope")],
];

/** A good call of gRPC but for its headers. */
function write(wire: Http2Wire, fields: readonly Field[]): void {
  wire.write(begin(1, fields), frame(FRAME.data, END_STREAM, 1, envelopeOf(Buffer.alloc(0))));
}

describe("a session of HTTP/2 goes on after a stream with", () => {
  test.each(REFUSED)("%s", async (_, fields) => {
    const wire = await connect();
    write(wire, fields());
    await expectEnd(wire, 1);
    wire.write(call(3, caller));
    expect(await expectEnd(wire, 3)).toBe("answer");
  });

  test("frames of no known type", async () => {
    const wire = await connect();
    wire.write(frame(0x42, 0, 0, Buffer.alloc(100)), frame(0x42, 0, 1, Buffer.alloc(100)), call(3, caller));
    expect(await expectEnd(wire, 3)).toBe("answer");
  });

  test("a header of 60 KB, or is ended", async () => {
    const wire = await connect();
    const block = headerBlock(having(["x-a", "a".repeat(60_000)]));
    const parts = [0, 1, 2, 3].map((index) => block.subarray(index * 16_000, (index + 1) * 16_000));
    wire.write(
      ...parts.map((part, index) => {
        const [type, flags] = index === 0 ? [FRAME.headers, END_STREAM] : [FRAME.continuation, 0];
        return frame(type, index === 3 ? END_HEADERS : flags, 1, part);
      }),
    );
    await Promise.race([expectEnd(wire, 1), wire.ended()]);
  });

  test("10,000 empty frames, or is ended", async () => {
    const wire = await connect();
    wire.write(begin(1, having()), ...repeat(10_000, () => frame(FRAME.data, 0, 1)), reset(1), call(3, caller));
    await Promise.race([expectEnd(wire, 3), wire.ended()]);
  });

  test("more streams than may be open, which are refused", async () => {
    const wire = await connect();
    wire.write(...repeat(1_100, (index) => begin(streamOf(index), having())));
    const refused = () =>
      wire.frames().filter(({ type, payload }) => type === FRAME.reset && payload.readUInt32BE() === REFUSED_STREAM);
    await vi.waitFor(() => expect(refused()).toHaveLength(100), { timeout: 10_000 });
  });
});
