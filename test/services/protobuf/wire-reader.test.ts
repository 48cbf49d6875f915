import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { WireReader } from "../../../services/protobuf/wire-reader.ts";

test.each([0, 1, 127, 128, 300, 2 ** 31 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER])("%i is read as a varint", (value) => {
  const reader = new WireReader(new BinaryWriter().uint64(value).finish());
  expect([reader.varint(), reader.position]).toEqual([value, reader.length]);
});

test("texts and bytes are read, and the position is behind them", () => {
  const reader = new WireReader(new BinaryWriter().string("é€😀").bytes(Uint8Array.of(1, 2)).finish());
  expect(reader.text()).toBe("é€😀");
  expect([...reader.bytes()]).toEqual([1, 2]);
  expect(reader.position).toBe(reader.length);
});

test("fields of every type are skipped", () => {
  const writer = new BinaryWriter()
    .tag(1, 0)
    .uint32(300)
    .tag(2, 1)
    .fixed64(1)
    .tag(3, 2)
    .string("x")
    .tag(4, 5)
    .fixed32(1);
  const reader = new WireReader(writer.finish());
  for (let field = 0; field < 4; field++) reader.skip(reader.varint());
  expect(reader.position).toBe(reader.length);
});

test("what is cut off, or of a type that there is not, is an error", () => {
  const cut = new WireReader(new BinaryWriter().string("abc").finish().subarray(0, 2));
  expect(() => cut.text()).toThrow("a field ends beyond what it is in");
  expect(() => new WireReader(Uint8Array.of()).skip(7)).toThrow("a field is of the unknown type 7");
});
