import { FrameReader } from "../grpc-frame.ts";
import { type RelayFrame, readFrames } from "./relay-frame.ts";

/** Takes the frames out of what comes on a relay. */
export class RelayReader {
  readonly #messages: FrameReader;
  readonly #onFrame: (frame: RelayFrame) => void;

  /** @param maxBytes of a message */
  constructor(maxBytes: number, onFrame: (frame: RelayFrame) => void) {
    this.#onFrame = onFrame;
    this.#messages = new FrameReader((flags, length) => {
      if (flags !== 0 || length > maxBytes) throw new Error("a message of a relay is compressed or too large");
    });
  }

  /** @throws Error where the bytes are not what a relay carries, or what `onFrame` throws */
  push(chunk: Buffer): void {
    this.#messages.read(chunk, (message) => {
      for (const frame of readFrames(message)) this.#onFrame(frame);
    });
  }
}
