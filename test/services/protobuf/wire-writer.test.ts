import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WireWriter } from "../../../services/protobuf/wire-writer.ts";

type Field = { number: number } & (
  | { kind: "integer"; value: number }
  | { kind: "text"; value: string }
  | { kind: "bytes"; value: Uint8Array }
  | { kind: "message"; value: Field[] }
);

/** Around the borders of one byte to eight. */
const integer = fc.oneof(
  fc.tuple(fc.nat(52), fc.constantFrom(-1, 0, 1)).map(([bits, more]) => Math.max(1, 2 ** bits + more)),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const text = fc
  .tuple(fc.constantFrom("", "a", "é", "€", "😀"), fc.oneof(fc.nat(50), fc.nat(6_000)))
  .map(([unit, times]) => unit.repeat(times));
const { fields } = fc.letrec<{ fields: Field[]; field: Field }>((tie) => ({
  fields: fc.array(tie("field"), { maxLength: 5 }),
  field: fc.oneof(
    { depthSize: "small" },
    fc.record({ number: fc.integer({ min: 1, max: 2_047 }), kind: fc.constant("integer" as const), value: integer }),
    fc.record({ number: fc.integer({ min: 1, max: 2_047 }), kind: fc.constant("text" as const), value: text }),
    fc.record({ number: fc.nat(15).map((n) => n + 1), kind: fc.constant("bytes" as const), value: fc.uint8Array() }),
    fc.record({ number: fc.nat(15).map((n) => n + 1), kind: fc.constant("message" as const), value: tie("fields") }),
  ),
}));

function write(writer: WireWriter, fields: readonly Field[]): void {
  for (const { number, kind, value } of fields) {
    if (kind === "message") writer.message(number, value, write);
    else if (kind === "integer") writer.integer(number, value);
    else if (kind === "text") writer.text(number, value);
    else writer.bytes(number, value);
  }
}

function writeByLibrary(writer: BinaryWriter, fields: readonly Field[]): BinaryWriter {
  for (const { number, kind, value } of fields) {
    writer.tag(number, kind === "integer" ? WireType.Varint : WireType.LengthDelimited);
    if (kind === "message") writeByLibrary(writer.fork(), value).join();
    else if (kind === "integer") writer.uint64(value);
    else if (kind === "text") writer.string(value);
    else writer.bytes(value);
  }
  return writer;
}

test("fields are written as the library writes them, however little room there is at first", () => {
  fc.assert(
    fc.property(fields, fc.nat(100), (all, capacity) => {
      const writer = new WireWriter(capacity);
      write(writer, all);
      expect(Buffer.compare(writer.finish(), writeByLibrary(new BinaryWriter(), all).finish())).toBe(0);
    }),
  );
});

test("what is zero or empty is not written where that is the default", () => {
  const writer = new WireWriter(0);
  writer.integer(1, 0);
  writer.string(2, "");
  expect(writer.finish()).toHaveLength(0);
});
