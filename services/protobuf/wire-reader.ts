import { WIRE } from "./wire-type.ts";

/** Reads Protobuf's wire format, of numbers that are not negative. */
export class WireReader {
  readonly #bytes: Buffer;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  /** Exact up to 2⁵³. Tags are varints, too: the field's number, and three bits of its type. */
  varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.position++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let factor = 0x80; ; factor *= 0x80) {
      byte = bytes[this.position++]!;
      value += (byte & 0x7f) * factor;
      if (!(byte >= 0x80)) return value;
    }
  }

  /** Where the value of a length-delimited field ends, which begins at the position then. */
  end(): number {
    const length = this.varint();
    const end = this.position + length;
    if (end > this.#bytes.length) throw new RangeError("a field ends beyond what it is in");
    return end;
  }

  text(): string {
    const end = this.end();
    const text = this.#bytes.toString("utf8", this.position, end);
    this.position = end;
    return text;
  }

  /** The bytes of the reader, not a copy. */
  bytes(): Uint8Array {
    return this.slice(this.end());
  }

  /** What lies between the position and a later one, which is the position then. */
  slice(end: number): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    const bytes = new Uint8Array(buffer, byteOffset + this.position, end - this.position);
    this.position = end;
    return bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Passes the value of a field that is of no interest. */
  skip(tag: number): void {
    const type = tag & 7;
    if (type === WIRE.varint) this.varint();
    else if (type === WIRE.delimited) this.position = this.end();
    else if (type === WIRE.fixed64) this.position += 8;
    else if (type === WIRE.fixed32) this.position += 4;
    else throw new RangeError(`a field is of the unknown type ${type}`);
  }
}
