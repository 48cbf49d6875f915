import { delimitedTag, varintTag } from "./wire-type.ts";

/** Bytes that a UTF-16 code unit takes at most in UTF-8. */
const BYTES_PER_UNIT = 3;
/** A string of so many UTF-16 code units takes less than 128 bytes, so that its length takes one. */
const SHORT_UNITS = 42;
/** Bytes of a tag, and of a varint up to 2⁵³, at most. */
const TAG_MAX = 2;
const VARINT_MAX = 8;
/** Bytes that lengths take mostly: those of strings and of small messages. */
const LENGTH_USUAL = 1;

/** How many bytes a varint takes; of integers from 0 up to 2⁵³. */
function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/**
 * Writes Protobuf's binary form field by field: the bytes that toBinary makes where fields are written in the order of
 * their numbers. For what every create needs; a message that is written out by hand takes 0.9 µs instead of 6.
 */
export class WireWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity bytes to begin with */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** What was written. The writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** An integer from 0 up to 2⁵³; 0 is not written, as in proto3. */
  integer(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(TAG_MAX + VARINT_MAX);
    this.#varint(varintTag(field));
    this.#varint(value);
  }

  /** A string; an empty one is not written, as in proto3. */
  string(field: number, value: string): void {
    if (value !== "") this.text(field, value);
  }

  /** A string, be it empty: in a oneof, a list, and the entries of a map. */
  text(field: number, value: string): void {
    const isShort = value.length <= SHORT_UNITS;
    const size = isShort ? BYTES_PER_UNIT * value.length : Buffer.byteLength(value);
    this.#reserve(TAG_MAX + VARINT_MAX + size);
    this.#varint(delimitedTag(field));
    if (!isShort) this.#varint(size);
    const start = isShort ? this.#length + LENGTH_USUAL : this.#length;
    const written = this.#bytes.write(value, start);
    if (isShort) this.#bytes[this.#length] = written;
    this.#length = start + written;
  }

  /** Bytes, or a message that is encoded already. */
  bytes(field: number, value: Uint8Array): void {
    this.#reserve(TAG_MAX + VARINT_MAX + value.length);
    this.#varint(delimitedTag(field));
    this.#varint(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A message, whose fields `write` writes. */
  message<T>(field: number, value: T, write: (writer: WireWriter, value: T) => void): void {
    this.#reserve(TAG_MAX + VARINT_MAX);
    const start = this.#begin(field);
    write(this, value);
    this.#reserve(VARINT_MAX);
    this.#end(start);
  }

  /** Leaves room for the usual length; replies where the contents begin. */
  #begin(field: number): number {
    this.#varint(delimitedTag(field));
    this.#length += LENGTH_USUAL;
    return this.#length;
  }

  /** Puts the length before the contents, which make room for a longer one. */
  #end(start: number): void {
    const end = this.#length;
    const size = varintSize(end - start);
    if (size > LENGTH_USUAL) this.#bytes.copyWithin(start + size - LENGTH_USUAL, start, end);
    this.#length = start - LENGTH_USUAL;
    this.#varint(end - start);
    this.#length = end + size - LENGTH_USUAL;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
