/** Before each message of gRPC: a flag for compression, and the length in four bytes. */
export const HEAD_BYTES = 5;

/** A message as gRPC sends it, not compressed. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + message.length);
  writeHead(frame);
  frame.set(message, HEAD_BYTES);
  return frame;
}

/** Writes the head of a message, which is the rest of the buffer and not compressed. */
export function writeHead(frame: Buffer): void {
  frame[0] = 0;
  frame.writeUInt32BE(frame.length - HEAD_BYTES, 1);
}

/**
 * The message of a chunk that is one, whole, not compressed and within the limit, as most are; undefined where it is
 * not, and a FrameReader must tell.
 */
export function wholeMessage(chunk: Buffer, maxBytes: number): Buffer | undefined {
  const length = chunk.length - HEAD_BYTES;
  if (length < 0 || length > maxBytes || chunk[0] !== 0 || chunk.readUInt32BE(1) !== length) return undefined;
  return chunk.subarray(HEAD_BYTES);
}

/**
 * Looks at the head of a message: its first byte, which is 0 where it is not compressed, and its length.
 *
 * @throws what the reader then throws, where the message is not taken
 */
export type CheckHead = (flags: number, length: number) => void;

/** Takes the messages out of the bytes of a request or an answer. */
export class FrameReader {
  readonly #checkHead: CheckHead;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Fewer bytes hold no more than what was read from them already. */
  #needed = HEAD_BYTES;

  /** @param checkHead told of a message's head before its bytes have come, perhaps more than once */
  constructor(checkHead: CheckHead) {
    this.#checkHead = checkHead;
  }

  /** Whether all that was pushed has been taken. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * Takes the messages that are complete with a chunk, one after the other.
   *
   * @throws what `checkHead` or `onMessage` throws
   */
  read(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    this.push(chunk);
    for (let message = this.next(); message !== undefined; message = this.next()) onMessage(message);
  }

  /**
   * The next message that is complete; undefined where there is none yet.
   *
   * @throws what `checkHead` throws
   */
  next(): Buffer | undefined {
    if (this.#length < this.#needed) return undefined;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
    const length = bytes.readUInt32BE(1);
    this.#checkHead(bytes[0]!, length);
    const end = HEAD_BYTES + length;
    const isWhole = bytes.length >= end;
    const rest = isWhole ? bytes.subarray(end) : bytes;
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = isWhole ? HEAD_BYTES : end;
    return isWhole ? bytes.subarray(HEAD_BYTES, end) : undefined;
  }
}
