import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkAnswerHead } from "../../../edge/upstream/answer-head.ts";
import { FrameReader, frameMessage } from "../../../services/rpc/grpc-frame.ts";

/** All that the reader gives after each chunk. */
function readAllOf(reader: FrameReader, chunks: readonly Buffer[]): string[] {
  const messages: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(next.toString("hex"));
  }
  return messages;
}

describe("messages are read", () => {
  test("as they were framed, however their bytes are cut into chunks", () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(400)), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(frameMessage));
        const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        expect(readAllOf(new FrameReader(checkAnswerHead(40)), chunks)).toEqual(
          sent.map((each) => Buffer.from(each).toString("hex")),
        );
      }),
    );
  });

  test("not where they are compressed", () => {
    const reader = new FrameReader(checkAnswerHead(10));
    reader.push(Buffer.from([1, 0, 0, 0, 0]));
    expect(() => reader.next()).toThrow("compressed");
  });

  test("not where they are too large, which their head tells", () => {
    const reader = new FrameReader(checkAnswerHead(10));
    reader.push(Buffer.from([0, 0, 0, 0, 11]));
    expect(() => reader.next()).toThrow("an answer has 11 bytes; 10 are taken");
  });
});
