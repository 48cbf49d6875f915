import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";

/** A unary call as it is sent. */
export type UnaryRequest = {
  readonly path: string;
  /** With the request id. */
  readonly metadata: OutgoingHttpHeaders;
  readonly message: Uint8Array;
};

/** What a call is answered with. Headers and trailers are its metadata alone. */
export type UnaryAnswer = { message: Buffer; headers: IncomingHttpHeaders; trailers: IncomingHttpHeaders };

/** One attempt of a unary call. */
export type Exchange = {
  /** Rejects with a ConnectError that was answered, with a BrokenCallError, or with what `cancel` was given. */
  readonly answer: Promise<UnaryAnswer>;
  /** What still comes of the answer is dropped. */
  cancel(error: unknown): void;
};
