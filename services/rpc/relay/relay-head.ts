import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { FIELD_BYTES } from "../grpc-metadata.ts";

/** What a frame says of a call. */
export type CallHead = {
  path: string;
  timeoutMs: number;
  metadata: IncomingHttpHeaders;
  /** As HTTP/2 counts headers. */
  metadataBytes: number;
};

/** What a frame says of an answer. That of an error has headers alone, as gRPC sends it. */
export type AnswerHead = { headers: IncomingHttpHeaders; trailers: IncomingHttpHeaders };

/** @param fields of the metadata */
export function formatCallHead(path: string, timeoutMs: number, fields: string): string {
  return `${path}\n${Math.max(Math.ceil(timeoutMs), 1)}\n${fields}`;
}

/** @throws Error where it is not one */
export function parseCallHead(head: string): CallHead {
  const lines = toLines(head);
  const timeoutMs = Number(lines[1]);
  if (!(timeoutMs >= 1)) throw new Error("a call of a relay has no time");
  const metadata: IncomingHttpHeaders = { __proto__: null } as never;
  readFields(lines, 2, metadata);
  // Each field has two lines, and its text their ends; after the last is an empty one.
  const fieldBytes = head.length - lines[0]!.length - lines[1]!.length - 2;
  return {
    path: lines[0]!,
    timeoutMs,
    metadata,
    metadataBytes: fieldBytes + ((lines.length - 3) / 2) * (FIELD_BYTES - 2),
  };
}

export function formatAnswerHead(headers: string, trailers: string): string {
  return trailers === "" ? headers : `${headers}\n${trailers}`;
}

/** @throws Error where it is not one */
export function parseAnswerHead(head: string): AnswerHead {
  const lines = toLines(head);
  const headers: IncomingHttpHeaders = { __proto__: null } as never;
  const trailers: IncomingHttpHeaders = { __proto__: null } as never;
  readFields(lines, readFields(lines, 0, headers), trailers);
  return { headers, trailers };
}

/** Names and values by turns, a line each; those of HTTP/2 itself are left out. */
export function formatFields(fields: OutgoingHttpHeaders): string {
  let text = "";
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined || name.startsWith(":")) continue;
    if (Array.isArray(value)) for (const each of value) text += `${name}\n${each}\n`;
    else text += `${name}\n${value}\n`;
  }
  return text;
}

/** Reads fields up to a line that is no name, and returns what comes after it. */
function readFields(lines: readonly string[], from: number, fields: IncomingHttpHeaders): number {
  let index = from;
  for (; index + 1 < lines.length && lines[index] !== ""; index += 2) {
    const name = lines[index]!;
    if (!NAME.test(name)) throw new Error("a field of a relay has a name that is none");
    const known = fields[name];
    fields[name] = known === undefined ? lines[index + 1]! : [known, lines[index + 1]!].flat();
  }
  return index + 1;
}

/** Of a header (RFC 9110, 5.6.2), in lower case. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const TEXT = /^[\n -~]*$/;

function toLines(head: string): string[] {
  if (!TEXT.test(head)) throw new Error("the head of a frame is not text");
  return head.split("\n");
}
