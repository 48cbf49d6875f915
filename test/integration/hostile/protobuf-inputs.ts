import { gzipSync } from "node:zlib";
import {
  by,
  bytes,
  CONNECT_WAYS,
  ENVELOPE_WAYS,
  envelopes,
  type HostileInput,
  headers,
  MALFORMED,
  NOT_IMPLEMENTED,
  PROTO_WAYS,
  type Spoil,
  TOO_LARGE,
} from "./hostile-input.ts";
import { envelopeOf } from "./wire-request.ts";

/** Field 1,000, which no message has, of a wire type. */
const unknownField = (wireType: number) => Buffer.of(0xc0 | wireType, 0x3e);

const after = (tail: Uint8Array) => bytes((message) => Buffer.concat([message, tail]));

const protobuf = (name: string, spoil: Spoil): HostileInput => ({
  name: `Protobuf: ${name}`,
  spoil,
  expected: by(PROTO_WAYS, MALFORMED),
});

const MESSAGES: HostileInput[] = [
  protobuf(
    "cut off",
    bytes((message) => message.subarray(0, -1)),
  ),
  protobuf("a length beyond the end", after(Buffer.of(0x0a, 0x7f, 0x61))),
  protobuf("a length of 4 GiB", after(Buffer.concat([unknownField(2), Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f)]))),
  protobuf("a negative length", after(Buffer.concat([unknownField(2), Buffer.alloc(9, 0xff), Buffer.of(0x01)]))),
  protobuf("a length of 11 bytes", after(Buffer.concat([Buffer.of(0x0a), Buffer.alloc(10, 0xff), Buffer.of(0x01)]))),
  protobuf("a varint without end", after(Buffer.concat([unknownField(0), Buffer.of(0x80)]))),
  protobuf("a fixed64 cut off", after(Buffer.of(0x09, 0, 0, 0))),
  protobuf("wire type 6", after(Buffer.concat([unknownField(6), Buffer.of(1)]))),
  protobuf("wire type 7", after(Buffer.concat([unknownField(7), Buffer.of(1)]))),
  protobuf("field number 0", after(Buffer.of(0x02, 0x00))),
  protobuf("a group's end without its beginning", after(unknownField(4))),
  protobuf("a group without end", after(unknownField(3))),
  protobuf("10,000 groups in one another", after(Buffer.concat(Array(10_000).fill(unknownField(3))))),
  protobuf("a text that is not UTF-8", after(Buffer.of(0x0a, 0x02, 0xc3, 0x28))),
  protobuf(
    "JSON",
    bytes(() => Buffer.from('{"name":"applications/x"}')),
  ),
];

const enveloped = (name: string, spoil: Spoil, ...own: string[]): HostileInput => ({
  name: `envelope: ${name}`,
  spoil,
  expected: { grpc: [MALFORMED], "grpc-web": [MALFORMED, ...own] },
});

/** gRPC's specification asks for UNIMPLEMENTED where a unary call has not exactly one message. */
const NOT_ONE = NOT_IMPLEMENTED;

const flagged = (flags: number) => envelopes((message) => envelopeOf(message, flags));
const followed = (tail: Uint8Array) => envelopes((_, envelope) => Buffer.concat([envelope, tail]));

const ENVELOPES: HostileInput[] = [
  enveloped(
    "none",
    envelopes(() => Buffer.alloc(0)),
    NOT_ONE,
  ),
  enveloped(
    "cut off in its head",
    envelopes((_, envelope) => envelope.subarray(0, 3)),
  ),
  enveloped(
    "cut off in its message",
    envelopes((message) => envelopeOf(message, 0, message.length + 10)),
  ),
  enveloped(
    "twice",
    envelopes((_, envelope) => Buffer.concat([envelope, envelope])),
    NOT_ONE,
  ),
  enveloped("an empty one after it", followed(envelopeOf(Buffer.alloc(0))), NOT_ONE),
  enveloped("more bytes after it", followed(Buffer.of(0, 0, 0))),
  enveloped("compressed, but it does not say how", flagged(1)),
  enveloped("trailers", flagged(0x80), NOT_ONE),
  {
    name: "envelope: a length of 4 GiB",
    spoil: envelopes((message) => envelopeOf(message, 0, 0xffff_ffff)),
    expected: { grpc: [TOO_LARGE], "grpc-web": [TOO_LARGE] },
  },
];

const bomb = gzipSync(Buffer.alloc(20_000_000));

/** A compressed message, in the envelope or in the body itself. */
const compressed =
  (coding: string, compress: (message: Uint8Array) => Uint8Array): Spoil =>
  (cell) => {
    const isEnveloped = cell.way.startsWith("grpc");
    const name = isEnveloped ? "grpc-encoding" : "content-encoding";
    const { request } = cell;
    const body = isEnveloped
      ? envelopes((message) => envelopeOf(compress(message), 1))(cell)?.body
      : compress(request.body!);
    return headers({ [name]: coding })({ ...cell, request: { ...request, body } });
  };

const ALL_BUT_REST = [...ENVELOPE_WAYS, ...CONNECT_WAYS] as const;
const coded = (name: string, spoil: Spoil, ...verdicts: string[]): HostileInput => ({
  name: `compression: ${name}`,
  spoil,
  expected: by(ALL_BUT_REST, ...verdicts),
});

const COMPRESSION: HostileInput[] = [
  coded(
    "a small message that decompresses to 20 MB",
    compressed("gzip", () => bomb),
    TOO_LARGE,
  ),
  coded(
    "gzip that is not",
    compressed("gzip", (message) => message),
    MALFORMED,
    NOT_IMPLEMENTED,
  ),
  coded(
    "gzip cut off",
    compressed("gzip", (message) => gzipSync(message).subarray(0, -9)),
    MALFORMED,
    NOT_IMPLEMENTED,
  ),
  coded(
    "unknown",
    compressed("x-nope", (message) => message),
    NOT_IMPLEMENTED,
  ),
];

/** What is wrong with bytes: of a message in Protobuf, of an envelope, of a compression. */
export const PROTOBUF_INPUTS: readonly HostileInput[] = [...MESSAGES, ...ENVELOPES, ...COMPRESSION];
