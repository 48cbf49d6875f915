import type { Http2Stream } from "node:http2";
import { HEAD_BYTES, writeHead } from "../grpc-frame.ts";
import { type RelayFrame, sizeOfFrame, writeFrame } from "./relay-frame.ts";

/** From this size on a message takes no more frames; a frame can be larger by itself. */
export const BATCH_BYTES = 262_144;

/** Sends frames on a stream: all that come in one turn of the event loop as one message of gRPC, by one write. */
export class RelayWriter {
  readonly #stream: Http2Stream;
  #frames: RelayFrame[] = [];
  #bytes = 0;
  #isScheduled = false;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  /** Bytes that the other side has not taken yet. */
  get backlog(): number {
    return this.#bytes + this.#stream.writableLength;
  }

  /** What was not given to the stream yet; what could not be, where it is closed. */
  get unsent(): readonly RelayFrame[] {
    return this.#frames;
  }

  add(frame: RelayFrame): void {
    const size = sizeOfFrame(frame);
    if (this.#bytes + size > BATCH_BYTES) this.#flush();
    this.#frames.push(frame);
    this.#bytes += size;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#onTurn);
  }

  /** After what was added. */
  end(): void {
    this.#flush();
    this.#stream.end();
  }

  readonly #onTurn = (): void => {
    this.#isScheduled = false;
    this.#flush();
  };

  #flush(): void {
    if (this.#frames.length === 0 || !this.#stream.writable) return;
    const message = Buffer.allocUnsafe(HEAD_BYTES + this.#bytes);
    writeHead(message);
    let offset = HEAD_BYTES;
    for (const frame of this.#frames) offset = writeFrame(frame, message, offset);
    this.#frames = [];
    this.#bytes = 0;
    this.#stream.write(message);
  }
}
