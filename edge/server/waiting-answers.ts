import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/**
 * The requests of each connection of HTTP/1.1 whose answers are not sent yet. Node takes up all that a read brought,
 * some hundred small requests, and holds their answers, whatever their size, to send them in order.
 */
export class WaitingAnswers {
  readonly #waiting = new WeakMap<Socket, Set<Exchange>>();

  /** For a server's event `request`. Those of HTTP/2 do not wait for each other. */
  readonly add = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.httpVersionMajor > 1) return;
    const { socket } = request;
    const known = this.#waiting.get(socket);
    const waiting = known ?? new Set();
    if (known === undefined) this.#waiting.set(socket, waiting);
    const exchange = { request, response };
    waiting.add(exchange);
    response.on("close", () => waiting.delete(exchange));
  };

  /** How many of its connection wait, the request among them that has just come. */
  countFor(request: IncomingMessage): number {
    return this.#waiting.get(request.socket)?.size ?? 1;
  }

  /** Calls back when the answers to all requests that came whole are sent; at once where there is none. */
  whenSent(socket: Socket, action: () => void): void {
    const whole = [...(this.#waiting.get(socket) ?? [])].filter(({ request }) => request.complete);
    const last = whole.at(-1);
    if (last === undefined) action();
    else last.response.once("close", action);
  }

  /** Whether an answer has begun and is not sent. */
  isSending(socket: Socket): boolean {
    return [...(this.#waiting.get(socket) ?? [])].some(({ response }) => response.headersSent);
  }
}
