import { expect, vi } from "vitest";
import { END_HEADERS, END_STREAM, FRAME, frame, type Http2Wire, headerBlock, uint32 } from "./http2-wire.ts";
import { envelopeOf } from "./wire-request.ts";

export type Field = readonly [name: string, value: string];

/** Who calls, and in which protocol: gRPC, or Connect. */
export type Http2Caller = { key: string; contentType: "application/grpc" | "application/proto" };

/** RST_STREAM's code of a call that is given up, and of one that was not begun. */
const CANCEL = 8;
export const REFUSED_STREAM = 7;

export const PSEUDO: readonly Field[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/parley.v1.ApplicationService/ListApplications"],
  [":authority", "x"],
];

/** The headers of a call that lists the applications, and more. */
export function fieldsOf({ key, contentType }: Http2Caller, ...more: Field[]): Field[] {
  return [...PSEUDO, ["content-type", contentType], ["te", "trailers"], ["authorization", `Bearer ${key}`], ...more];
}

/** The headers of a call; its end is to come. */
export function begin(stream: number, fields: readonly Field[], flags = END_HEADERS): Buffer {
  return frame(FRAME.headers, flags, stream, headerBlock(fields));
}

export function reset(stream: number): Buffer {
  return frame(FRAME.reset, 0, stream, uint32(CANCEL));
}

/** A whole call. */
export function call(stream: number, caller: Http2Caller): Buffer {
  const body = caller.contentType === "application/grpc" ? envelopeOf(Buffer.alloc(0)) : Buffer.alloc(0);
  return Buffer.concat([begin(stream, fieldsOf(caller)), frame(FRAME.data, END_STREAM, stream, body)]);
}

/** The streams of a client, in their order. */
export function streamOf(index: number): number {
  return 2 * index + 1;
}

export function repeat(times: number, make: (index: number) => Uint8Array): Uint8Array[] {
  return Array.from({ length: times }, (_, index) => make(index));
}

/** Waits for a stream's end: an answer, or a reset. */
export async function expectEnd(wire: Http2Wire, stream: number): Promise<"answer" | "reset"> {
  const findEnd = () =>
    wire
      .frames()
      .find((each) => each.stream === stream && (each.type === FRAME.reset || (each.flags & END_STREAM) !== 0));
  const end = await vi.waitUntil(findEnd, { timeout: 10_000, interval: 10 });
  return end.type === FRAME.reset ? "reset" : "answer";
}

/** Fails unless calls over another connection are answered. */
export async function expectAnswers(wire: Http2Wire, caller: Http2Caller): Promise<void> {
  const streams = Array.from({ length: 20 }, (_, index) => streamOf(index));
  wire.write(...streams.map((stream) => call(stream, caller)));
  for (const stream of streams) expect(await expectEnd(wire, stream)).toBe("answer");
}
