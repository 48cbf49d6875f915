import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { ERROR_DOMAIN } from "../api/refusal-reasons.ts";
import { errorBody } from "../transcode/index.ts";
import type { WaitingAnswers } from "./waiting-answers.ts";

/** What goes wrong before there is a request of HTTP/1.1, as REST would answer it; `status` is HTTP's. */
type Problem = { status: number; code: Code; reason: keyof typeof ErrorReason; message: string };

const TOO_LARGE: Problem = {
  status: 431,
  code: Code.ResourceExhausted,
  reason: "REQUEST_TOO_LARGE",
  message: "the headers are larger than is taken here; send fewer or shorter ones",
};

const TOO_SLOW: Problem = {
  status: 408,
  code: Code.DeadlineExceeded,
  reason: "DEADLINE_EXCEEDED",
  message: "the request did not arrive in time; send it again, on a new connection",
};

const MALFORMED: Problem = {
  status: 400,
  code: Code.InvalidArgument,
  reason: "MALFORMED_REQUEST",
  message: "this is not a request of HTTP/1.1; send one, on a new connection",
};

const PROBLEMS = new Map([
  ["HPE_HEADER_OVERFLOW", TOO_LARGE],
  ["ERR_HTTP_REQUEST_TIMEOUT", TOO_SLOW],
]);

/** Answers what Node cannot read, or does not get in time, and ends its connection. */
export class BrokenRequests {
  readonly #waiting: WaitingAnswers;

  constructor(waiting: WaitingAnswers) {
    this.#waiting = waiting;
  }

  /** For Node's event `clientError`. */
  readonly answer = ({ code = "" }: { code?: string }, socket: Socket | TLSSocket): void => {
    // What is written before the handshake is done waits for it, and keeps the connection open.
    if ("secureConnecting" in socket && socket.secureConnecting) {
      socket.destroy();
      return;
    }
    // The requests before it get their answers first: else one that was done would look refused.
    this.#waiting.whenSent(socket, () => {
      // What is written into an answer that has begun would be taken for a part of it.
      const isReadable = socket.writable && code !== "ECONNRESET" && !this.#waiting.isSending(socket);
      if (isReadable) socket.write(format(PROBLEMS.get(code) ?? MALFORMED));
      socket.destroySoon();
    });
  };
}

function format({ status, code, reason, message }: Problem): string {
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason, domain: ERROR_DOMAIN }) };
  const body = errorBody(status, code, message, [info]);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return [...head, "", body].join("\r\n");
}
