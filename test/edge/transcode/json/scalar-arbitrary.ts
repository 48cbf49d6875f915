import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import fc from "fast-check";

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const UINT32_MAX = 2 ** 32 - 1;
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

const ODD_STRINGS = [
  "",
  "__proto__",
  "toString",
  '"',
  "\\",
  "/",
  "\u0000",
  "\b\f\n\r\t\v\u001f",
  "\u007f\u0080",
  "\u2028\u2029",
  "\ufeff\uffff",
  "😀",
  "e\u0301",
  " plain ",
  "1",
  "x".repeat(100),
  `${"x".repeat(100)}"`,
];
const LONE_SURROGATES = ["\ud800", "a\udc00b", "\udc00\ud800", `${"x".repeat(100)}\udfff`];

/** Valid UTF-16, with what needs escaping; lone surrogates as well where they are wanted. */
export function stringOf(loneSurrogates: boolean): fc.Arbitrary<string> {
  const odd = loneSurrogates ? [...ODD_STRINGS, ...LONE_SURROGATES] : ODD_STRINGS;
  return fc.oneof(
    fc.constantFrom(...odd),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.string({ unit: "grapheme", maxLength: 40 }),
  );
}

/** Values of a scalar type as protobuf-es holds them; 64-bit integers are bigints. */
export function scalarOf(scalar: ScalarType, loneSurrogates: boolean): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return stringOf(loneSurrogates);
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 40 });
    case ScalarType.DOUBLE:
      return fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, 0.1, 5e-324, Number.MAX_VALUE, 1e21, 1e-7, Number.NaN));
    case ScalarType.FLOAT:
      return fc.oneof(fc.float(), fc.constantFrom(0, -0, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.oneof(fc.integer({ min: 0, max: UINT32_MAX }), fc.constantFrom(0, 1, UINT32_MAX));
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return fc.oneof(fc.integer(), fc.constantFrom(0, -1, INT32_MIN, INT32_MAX));
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.oneof(fc.bigInt({ min: 0n, max: UINT64_MAX }), fc.constantFrom(0n, 1n, UINT64_MAX));
    default:
      return fc.oneof(
        fc.bigInt({ min: -INT64_MAX - 1n, max: INT64_MAX }),
        fc.constantFrom(0n, -1n, 2n ** 53n, INT64_MAX, -INT64_MAX - 1n),
      );
  }
}

/** Keys of a map field, as the property names under which protobuf-es keeps its values. */
export function mapKeyOf(scalar: ScalarType, loneSurrogates: boolean): fc.Arbitrary<string> {
  return scalarOf(scalar, loneSurrogates).map(String);
}

/** Numbers of an enumeration; an open one has unknown numbers too. */
export function enumOf(desc: DescEnum): fc.Arbitrary<number> {
  const known = fc.constantFrom(...desc.values.map((value) => value.number));
  return desc.open && desc.typeName !== "google.protobuf.NullValue" ? fc.oneof(known, fc.integer()) : known;
}
