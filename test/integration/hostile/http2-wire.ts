import { type ByteStream, openByteStream } from "./byte-stream.ts";

/** Types of frames (RFC 9113, 6). */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
} as const;
export const END_STREAM = 1;
export const END_HEADERS = 4;

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEAD = 9;

/** A frame, as it is on the wire. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A whole number of 32 bits, as resets, windows and settings have it. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A text of HPACK: its length in 7 bits and more, without Huffman's code. */
function hpackText(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** A header block of literals that no table keeps, so that anything can be said, twice too. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), hpackText(name), hpackText(value)]));
}

/** A connection of HTTP/2, on which the greetings are done. */
export type Http2Wire = {
  write(...frames: Uint8Array[]): void;
  /** The frames that have come so far. */
  frames(): { type: number; flags: number; stream: number; payload: Buffer }[];
  /** Resolves once the other side has closed. */
  ended(): Promise<unknown>;
  destroy(): void;
};

/** @param address `host:port`, also with the scheme */
export async function openHttp2Wire(address: string, isSecure = false): Promise<Http2Wire> {
  const stream: ByteStream = await openByteStream(address, isSecure);
  stream.write(PREFACE);
  stream.write(frame(FRAME.settings, 0, 0));
  return {
    write: (...frames) => stream.write(Buffer.concat(frames)),
    frames: () => parseFrames(stream.received()),
    ended: () => stream.ended(),
    destroy: () => stream.destroy(),
  };
}

function parseFrames(bytes: Buffer): ReturnType<Http2Wire["frames"]> {
  const frames: ReturnType<Http2Wire["frames"]> = [];
  for (let at = 0; at + HEAD <= bytes.length; ) {
    const end = at + HEAD + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const [type, flags] = [bytes.readUInt8(at + 3), bytes.readUInt8(at + 4)];
    frames.push({
      type,
      flags,
      stream: bytes.readUInt32BE(at + 5) & 0x7fff_ffff,
      payload: bytes.subarray(at + HEAD, end),
    });
    at = end;
  }
  return frames;
}
