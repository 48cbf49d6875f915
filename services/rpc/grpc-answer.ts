import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { ConnectError } from "@connectrpc/connect";
import { ACCEPTED_ENCODINGS } from "./grpc-encoding.ts";
import { frameMessage } from "./grpc-frame.ts";
import { addMetadata, isEmpty } from "./grpc-metadata.ts";
import { errorStatus } from "./grpc-status.ts";
import { REQUEST_ID_HEADER } from "./request-id-header.ts";

const WITH_TRAILERS = { waitForTrailers: true };
const WITHOUT_BODY = { endStream: true };
const OK: OutgoingHttpHeaders = { "grpc-status": "0" };

/** The answer to a call on its stream of HTTP/2: headers once, messages, and a status in trailers. */
export class GrpcAnswer {
  readonly #stream: ServerHttp2Stream;
  readonly #requestId: string;
  #trailers = OK;
  #isBegun = false;

  constructor(stream: ServerHttp2Stream, requestId: string) {
    this.#stream = stream;
    this.#requestId = requestId;
  }

  /** Whether nobody can be answered any more. */
  get isGone(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  /** Sends one message of several. Returns whether HTTP/2 takes more at once; else there is a "drain" or "close". */
  write(header: Headers, message: Uint8Array): boolean {
    this.#begin(header);
    return this.#stream.write(frameMessage(message));
  }

  /** @param message the last one, or the only one; undefined after the last */
  end(header: Headers, message: Uint8Array | undefined, trailer: Headers): void {
    this.#begin(header);
    if (!isEmpty(trailer)) this.#trailers = addMetadata({ ...OK }, trailer);
    if (message === undefined) this.#stream.end();
    else this.#stream.end(frameMessage(message));
  }

  /** Ends with a status, in the headers where there are none yet. The metadata of an error is headers and trailers. */
  fail(error: ConnectError, header: Headers, trailer: Headers): void {
    const status = errorStatus(error);
    if (!this.#isBegun) addMetadata(status, header);
    addMetadata(status, trailer);
    addMetadata(status, error.metadata);
    if (this.#isBegun) {
      this.#trailers = status;
      this.#stream.end();
    } else {
      this.#stream.respond({ ...status, ...this.#ownFields() }, WITHOUT_BODY);
      closeAnswered(this.#stream);
    }
  }

  #begin(header: Headers): void {
    if (this.#isBegun) return;
    const own = this.#ownFields();
    this.#stream.respond(isEmpty(header) ? own : { ...addMetadata({}, header), ...own }, WITH_TRAILERS);
    this.#isBegun = true;
    this.#stream.on("wantTrailers", () => endAnswered(this.#stream, this.#trailers));
  }

  #ownFields(): OutgoingHttpHeaders {
    return {
      ":status": 200,
      "content-type": "application/grpc+proto",
      "grpc-accept-encoding": ACCEPTED_ENCODINGS,
      [REQUEST_ID_HEADER]: this.#requestId,
    };
  }
}

/** Sends the last that a caller is told. */
export function endAnswered(stream: ServerHttp2Stream, trailers: OutgoingHttpHeaders): void {
  stream.sendTrailers(trailers);
  // A reset at once would overtake them.
  if (!stream.readableEnded) setImmediate(closeAnswered, stream);
}

/** Takes no more of a request that has its answer, as RFC 9113 has it in 8.1: else who does not end it keeps the stream. */
function closeAnswered(stream: ServerHttp2Stream): void {
  if (!stream.readableEnded && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
}
