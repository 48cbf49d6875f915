/**
 * A relay is one long-lived stream of gRPC, both ways, between the edge and an api, that carries many unary calls. Its
 * messages are batches of frames, each of which is, in big endian:
 *
 *     4 bytes  the length of what follows
 *     1 byte   the kind
 *     4 bytes  the id of the call
 *     4 bytes  the length of the head
 *     …        the head: lines of printable ASCII
 *     …        the body: a message of Protobuf
 *
 * They are no messages of Protobuf themselves: to write and read one takes 1 µs this way.
 */
export type RelayFrame = {
  readonly kind: number;
  /** Chosen by who calls, not that of a call under way. */
  readonly id: number;
  readonly head: string;
  readonly body: Uint8Array;
};

export const FRAME = {
  /** Head: path, milliseconds, metadata. Body: the request. */
  CALL: 1,
  /** The caller gave the call up; it is answered all the same. */
  CANCEL: 2,
  /** Head: the number of lines of headers, those, trailers. Body: the message, of a call that went well. */
  ANSWER: 3,
  /** The call was not begun, and may be made elsewhere. */
  REFUSAL: 4,
} as const;

/** The path of the stream, which no contract shows. */
export const RELAY_PATH = "/parley.relay.v1.RelayService/Relay";

/** Ids are of 32 bits; after the last comes the first again. */
export const LAST_ID = 2 ** 32 - 1;

/** Of one relay at a time, as of the streams of a connection; those beyond it are refused. */
export const MAX_CALLS = 1_000;

/** Of a call's request and its head, so that large ones do not keep others waiting: they take a stream of their own. */
export const MAX_CALL_BYTES = 65_536;

const PREFIX_BYTES = 4;
const FIXED_BYTES = 9;

/** What a frame takes of a message. */
export function sizeOfFrame({ head, body }: RelayFrame): number {
  return PREFIX_BYTES + FIXED_BYTES + head.length + body.length;
}

/** Writes a frame; returns where it ends. */
export function writeFrame({ kind, id, head, body }: RelayFrame, to: Buffer, offset: number): number {
  const start = offset + PREFIX_BYTES + FIXED_BYTES;
  to.writeUInt32BE(FIXED_BYTES + head.length + body.length, offset);
  to[offset + PREFIX_BYTES] = kind;
  to.writeUInt32BE(id, offset + 5);
  to.writeUInt32BE(head.length, offset + 9);
  to.write(head, start, "latin1");
  to.set(body, start + head.length);
  return start + head.length + body.length;
}

/** The frames of a message, whose bodies share its memory. @throws Error where it is not made of whole frames */
export function readFrames(message: Buffer): RelayFrame[] {
  const frames: RelayFrame[] = [];
  for (let offset = 0; offset < message.length; ) {
    const start = offset + PREFIX_BYTES + FIXED_BYTES;
    if (start > message.length) throw new Error("a message of a relay ends within the fixed part of a frame");
    const end = offset + PREFIX_BYTES + message.readUInt32BE(offset);
    const bodyStart = start + message.readUInt32BE(offset + 9);
    if (bodyStart > end || end > message.length) throw new Error("a frame of a relay is longer than its message");
    frames.push({
      kind: message[offset + PREFIX_BYTES]!,
      id: message.readUInt32BE(offset + 5),
      head: message.toString("latin1", start, bodyStart),
      body: message.subarray(bodyStart, end),
    });
    offset = end;
  }
  return frames;
}
