import { Readable } from "node:stream";
import type { Message } from "@bufbuild/protobuf";
import type { StreamFormat } from "./stream-format.ts";

export type StreamBodyOptions = {
  readonly format: StreamFormat;
  /** Writes a message as JSON. */
  readonly write: (message: Message) => string;
  /** Writes what ended the stream before its time as JSON. Called once at most. */
  readonly writeError: (error: unknown) => string;
  /** How long the stream is silent at most, in milliseconds. */
  readonly heartbeatMs: number;
};

/**
 * The body of a streaming answer: the messages as they come, a heartbeat where none does. It asks for the next message
 * only when the reader has taken what is there. Destroying it closes the messages.
 */
export class StreamBody extends Readable {
  readonly #messages: AsyncIterator<Message>;
  readonly #options: StreamBodyOptions;
  readonly #heartbeat: NodeJS.Timeout;
  #first: Promise<IteratorResult<Message>> | undefined;
  #pulling = false;
  #index = 0;

  /** @param first the next of `messages`, where it has been asked for already */
  constructor(messages: AsyncIterator<Message>, first: Promise<IteratorResult<Message>>, options: StreamBodyOptions) {
    super({ highWaterMark: 16_384 });
    this.#messages = messages;
    this.#first = first;
    this.#options = options;
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs);
    if (options.format.head !== "") this.push(options.format.head);
  }

  /** Also called after a heartbeat, while the next message is waited for. */
  override _read(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    const next = this.#first ?? this.#messages.next();
    this.#first = undefined;
    next.then(
      (result) => this.#take(result),
      (error: unknown) => this.#fail(error),
    );
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearInterval(this.#heartbeat);
    Promise.resolve(this.#messages.return?.()).catch(() => undefined);
    callback(error);
  }

  #take({ done, value }: IteratorResult<Message>): void {
    this.#pulling = false;
    if (this.destroyed) return;
    const { format, write } = this.#options;
    if (done) {
      this.#end(format.tail);
      return;
    }
    try {
      this.push(format.frame(write(value), this.#index++));
      this.#heartbeat.refresh();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.destroyed) return;
    this.#end(this.#options.format.error(this.#options.writeError(error), this.#index));
  }

  #end(last: string): void {
    clearInterval(this.#heartbeat);
    if (last !== "") this.push(last);
    this.push(null);
  }

  /** A reader who is behind hears nothing more. */
  #beat(): void {
    if (this.readableLength === 0) this.push(this.#options.format.heartbeat);
  }
}
