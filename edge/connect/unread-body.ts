import type { IncomingMessage } from "node:http";

/**
 * Keeps the stream of a body that connect stops reading, which it would destroy: Node would read no other request from
 * the connection.
 */
export function keepStream(request: IncomingMessage): void {
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
}
