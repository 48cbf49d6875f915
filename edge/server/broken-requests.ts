import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What goes wrong before there is a request of HTTP/1.1, as REST would answer it; `status` is google.rpc.Code's. */
type Problem = { http: string; status: string; message: string; reason: string };

const TOO_LARGE: Problem = {
  http: "431 Request Header Fields Too Large",
  status: "RESOURCE_EXHAUSTED",
  message: "the headers are larger than is taken here; send fewer or shorter ones",
  reason: "REQUEST_TOO_LARGE",
};

const TOO_SLOW: Problem = {
  http: "408 Request Timeout",
  status: "DEADLINE_EXCEEDED",
  message: "the request did not arrive in time; send it again, on a new connection",
  reason: "DEADLINE_EXCEEDED",
};

const MALFORMED: Problem = {
  http: "400 Bad Request",
  status: "INVALID_ARGUMENT",
  message: "this is not a request of HTTP/1.1",
  reason: "MALFORMED_REQUEST",
};

const PROBLEMS = new Map([
  ["HPE_HEADER_OVERFLOW", TOO_LARGE],
  ["ERR_HTTP_REQUEST_TIMEOUT", TOO_SLOW],
]);

/** Answers what Node cannot read, or does not get in time, and ends its connection. */
export class BrokenRequests {
  readonly #responses = new WeakMap<Socket, ServerResponse>();

  /** A request has come, which may break yet. */
  follow(request: IncomingMessage, response: ServerResponse): void {
    if (request.httpVersionMajor < 2) this.#responses.set(request.socket, response);
  }

  /** For Node's event `clientError`. */
  readonly answer = ({ code = "" }: { code?: string }, socket: Socket): void => {
    const response = this.#responses.get(socket);
    const isAnswering = response?.headersSent === true && !response.writableFinished;
    // What is written into an answer that has begun would be taken for a part of it.
    if (socket.writable && code !== "ECONNRESET" && !isAnswering) socket.write(format(PROBLEMS.get(code) ?? MALFORMED));
    socket.destroySoon();
  };
}

function format({ http, status, message, reason }: Problem): string {
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "parley" }];
  const body = JSON.stringify({ error: { code: Number.parseInt(http, 10), status, message, details } });
  const headers = ["connection: close", "content-type: application/json; charset=utf-8"];
  return [`HTTP/1.1 ${http}`, ...headers, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n");
}
