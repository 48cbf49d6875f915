import { create } from "@bufbuild/protobuf";
import { appendHeaders, ConnectError, type ContextValues, type Transport } from "@connectrpc/connect";
import { CallHeaders } from "./call-headers.ts";
import type { CallInit } from "./call-init.ts";
import type { CallLifetime } from "./call-lifetime.ts";
import { type MessageStream, mapMessages } from "./message-stream.ts";
import { chooseRequestId, REQUEST_ID_HEADER } from "./request-id-header.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

/**
 * A transport to the services of the same process, without encoding: message instances are handed over as they are,
 * both ways, and so are the headers of a request. Neither side may change them: the server keeps what it answers, as
 * recent messages. Errors are those that a gRPC client would see.
 */
export function createLocalTransport(registry: RpcRegistry): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const init = initOf(registry.begin(method, timeoutMs, { caller: signal }), header, contextValues);
      try {
        const run = () => registry.unary(method, create(method.input, input), init);
        return await init.lifetime.race(run, (thrown) => thrown);
      } catch (error) {
        throw withMetadata(error, init);
      }
    },

    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const init = initOf(registry.begin(method, timeoutMs, { caller: signal }), header, contextValues);
      try {
        const response = await registry.stream(
          method,
          mapMessages(input, (each) => create(method.input, each)),
          init,
        );
        // Headers are complete with the first message, which is when a gRPC client gets them.
        const first = await response.message.next();
        return { ...response, message: continueWith(first, response.message, init) };
      } catch (error) {
        throw withMetadata(error, init);
      }
    },
  };
}

function initOf(
  lifetime: CallLifetime,
  header: ConstructorParameters<typeof Headers>[0],
  contextValues: ContextValues | undefined,
): CallInit {
  const requestHeader = withRequestId(header);
  return {
    requestHeader,
    responseHeader: new CallHeaders({ [REQUEST_ID_HEADER]: requestHeader.get(REQUEST_ID_HEADER)! }),
    responseTrailer: new CallHeaders(),
    protocolName: "local",
    lifetime,
    contextValues,
  };
}

/** The caller's own headers where they name the call: a copy costs 0.5 µs. */
function withRequestId(header: ConstructorParameters<typeof Headers>[0]): Headers {
  const given = header instanceof Headers ? header : new Headers(header);
  const known = given.get(REQUEST_ID_HEADER);
  const id = chooseRequestId(known);
  if (id === known) return given;
  const named = new Headers(given);
  named.set(REQUEST_ID_HEADER, id);
  return named;
}

function continueWith<T>(first: IteratorResult<T>, rest: MessageStream<T>, init: CallInit): AsyncIterableIterator<T> {
  let next: IteratorResult<T> | undefined = first;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const read = next;
      next = undefined;
      if (read) return read;
      return rest.next().catch((error) => {
        throw withMetadata(error, init);
      });
    },
    return: () => rest.return(),
  };
}

/** A copy whose metadata is, as of a gRPC error, the headers and trailers together with the error's own. */
function withMetadata(error: unknown, { responseHeader, responseTrailer }: CallInit): ConnectError {
  const { rawMessage, code, metadata, details, cause } = ConnectError.from(error);
  const all = appendHeaders(responseHeader, responseTrailer, metadata);
  const copy = new ConnectError(rawMessage, code, all, undefined, cause);
  copy.details = details;
  return copy;
}
