import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Connect destroys the stream of a gRPC-Web body that it refuses half-read, and Node then reads no other request from
 * the connection. Here the stream stays, and its rest is dropped once the answer is sent.
 */
export function keepConnection(request: IncomingMessage, response: ServerResponse): void {
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
  response.once("finish", () => request.resume());
}
