/** Before each message of gRPC: a flag for compression, and the length in four bytes. */
const HEAD_BYTES = 5;

/** A message as gRPC sends it, not compressed. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, HEAD_BYTES);
  return frame;
}

/** Takes the messages out of the bytes of an answer. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Fewer bytes hold no more than what was read from them already. */
  #needed = HEAD_BYTES;

  /** @param maxBytes of a message */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * The next message that is complete; undefined where there is none yet.
   *
   * @throws Error where it is compressed, which was not asked for, or larger than the limit
   */
  next(): Buffer | undefined {
    if (this.#length < this.#needed) return undefined;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
    const end = HEAD_BYTES + this.#readLength(bytes);
    const isWhole = bytes.length >= end;
    const rest = isWhole ? bytes.subarray(end) : bytes;
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = isWhole ? HEAD_BYTES : end;
    return isWhole ? bytes.subarray(HEAD_BYTES, end) : undefined;
  }

  #readLength(bytes: Buffer): number {
    if (bytes[0] !== 0) throw new Error("an answer is compressed, although that was not asked for");
    const length = bytes.readUInt32BE(1);
    if (length > this.#maxBytes) throw new Error(`an answer has ${length} bytes; ${this.#maxBytes} are taken`);
    return length;
  }
}
