import { begin, call, type Field, fieldsOf, type Http2Caller, PSEUDO, repeat, reset, streamOf } from "./http2-call.ts";
import { END_HEADERS, END_STREAM, FRAME, frame, headerBlock, uint32 } from "./http2-wire.ts";

type Attack = [name: string, make: (caller: Http2Caller) => Uint8Array[]];

const promise = Buffer.concat([uint32(2), headerBlock(PSEUDO)]);
const noHpack = Buffer.alloc(32, 0xff);
const window = Buffer.concat([Buffer.of(0, 4), uint32(65_535)]);
const tooShort = (caller: Http2Caller): Field[] => fieldsOf(caller, ["content-length", "1"]);

/** What no session of HTTP/2 survives: breaches of RFC 9113, and floods. */
export const FATAL_ATTACKS: readonly Attack[] = [
  ["a frame above 16 KB", () => [frame(FRAME.data, 0, 1, Buffer.alloc(17_000))]],
  ["data of no stream", () => [frame(FRAME.data, 0, 0, Buffer.alloc(1))]],
  ["headers of no stream", (caller) => [begin(0, fieldsOf(caller))]],
  ["headers of a server's stream", (caller) => [begin(2, fieldsOf(caller))]],
  ["a promise of a client", (caller) => [begin(1, fieldsOf(caller)), frame(FRAME.push, END_HEADERS, 1, promise)]],
  ["headers that are no HPACK", () => [frame(FRAME.headers, END_HEADERS, 1, noHpack)]],
  ["settings of 5 bytes", () => [frame(FRAME.settings, 0, 0, Buffer.alloc(5))]],
  ["a window above 2 GiB", () => repeat(2, () => frame(FRAME.window, 0, 0, uint32(0x7fff_ffff)))],
  ["a window that opens by nothing", () => [frame(FRAME.window, 0, 0, uint32(0))]],
  ["a ping of 7 bytes", () => [frame(FRAME.ping, 0, 0, Buffer.alloc(7))]],
  ["a reset of a stream that never was", () => [reset(7)]],
  ["headers before the last have ended", (caller) => [begin(1, PSEUDO, 0), begin(3, fieldsOf(caller))]],
  [
    "a length shorter than the body",
    (caller) => [begin(1, tooShort(caller)), frame(FRAME.data, END_STREAM, 1, Buffer.alloc(5))],
  ],
  [
    "8 MB of headers without an end",
    () => [begin(1, PSEUDO, 0), ...repeat(500, () => frame(FRAME.continuation, 0, 1, Buffer.alloc(16_000)))],
  ],
  [
    "5,000 streams that are reset at once",
    (caller) =>
      repeat(5_000, (index) => Buffer.concat([begin(streamOf(index), fieldsOf(caller)), reset(streamOf(index))])),
  ],
  [
    "5,000 calls that are reset at once",
    (caller) => repeat(5_000, (index) => Buffer.concat([call(streamOf(index), caller), reset(streamOf(index))])),
  ],
  ["20,000 pings", () => repeat(20_000, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8)))],
  ["20,000 settings", () => repeat(20_000, () => frame(FRAME.settings, 0, 0, window))],
];
