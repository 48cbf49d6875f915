import type { Message } from "@bufbuild/protobuf";
import type { Exchange } from "./exchange.ts";

/**
 * The messages of a request stream, each read when it is asked for. One that cannot be read ends them with the
 * exchange's request error. Unlike a generator, it closes its source at once.
 */
export function readRequests(messages: AsyncIterable<Message>, exchange: Exchange): AsyncIterable<Message> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Message> {
      const iterator = messages[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            return await iterator.next();
          } catch (error) {
            exchange.requestError = exchange.toRequestError(error);
            throw exchange.requestError;
          }
        },
        async return() {
          await iterator.return?.();
          return { done: true, value: undefined };
        },
        // Connect's own transports stop a stream of requests by it.
        async throw(error) {
          await iterator.return?.();
          throw error;
        },
      };
    },
  };
}
