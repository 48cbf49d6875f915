/** How a field is encoded: the low three bits of its tag. https://protobuf.dev/programming-guides/encoding */
export const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** The tag of a field that has a length: a string, bytes, a message. */
export function delimitedTag(field: number): number {
  return (field << 3) | WIRE.delimited;
}

/** The tag of an integer. */
export function varintTag(field: number): number {
  return (field << 3) | WIRE.varint;
}
