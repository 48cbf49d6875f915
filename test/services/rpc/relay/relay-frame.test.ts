import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RelayFrame, readFrames, sizeOfFrame, writeFrame } from "../../../../services/rpc/relay/relay-frame.ts";

const text = fc.string({ unit: fc.constantFrom(..."abz/ ~0\n") });
const frame: fc.Arbitrary<RelayFrame> = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  head: text,
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
});

function write(frames: readonly RelayFrame[]): Buffer {
  const message = Buffer.alloc(frames.reduce((sum, each) => sum + sizeOfFrame(each), 0));
  let offset = 0;
  for (const each of frames) offset = writeFrame(each, message, offset);
  expect(offset).toBe(message.length);
  return message;
}

describe("frames", () => {
  test("are read as they were written", () => {
    fc.assert(fc.property(fc.array(frame), (frames) => void expect(readFrames(write(frames))).toEqual(frames)));
  });

  test("that are cut anywhere but between two are refused", () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1 }), fc.nat(), (frames, at) => {
        const message = write(frames);
        const cut = message.subarray(0, at % message.length);
        const ends = frames.map((_, index) => write(frames.slice(0, index)).length);
        if (ends.includes(cut.length)) expect(readFrames(cut)).toHaveLength(ends.indexOf(cut.length));
        else expect(() => readFrames(cut)).toThrow("relay");
      }),
    );
  });

  test("of any bytes are read or refused, and never more than there is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const size = readFrames(Buffer.from(bytes)).reduce((sum, each) => sum + sizeOfFrame(each), 0);
          expect(size).toBe(bytes.length);
        } catch (error) {
          expect((error as Error).message).toContain("relay");
        }
      }),
    );
  });
});
