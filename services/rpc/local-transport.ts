import { create } from "@bufbuild/protobuf";
import { appendHeaders, ConnectError, type ContextValues, type Transport } from "@connectrpc/connect";
import type { CallLifetime } from "./call-lifetime.ts";
import { type MessageStream, mapMessages } from "./message-stream.ts";
import type { CallInit, RpcRegistry } from "./rpc-registry.ts";

/**
 * A transport to the services of the same process, without encoding: message instances are handed over as they are,
 * both ways, and belong to the other side from then on. Errors are those that a gRPC client would see.
 */
export function createLocalTransport(registry: RpcRegistry): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const init = initOf(registry.begin(method, timeoutMs, { caller: signal }), header, contextValues);
      try {
        return await registry.unary(method, create(method.input, input), init);
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
        return { ...response, message: rethrow(response.message, init) };
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
  return {
    requestHeader: new Headers(header),
    responseHeader: new Headers(),
    responseTrailer: new Headers(),
    protocolName: "local",
    lifetime,
    contextValues,
  };
}

function rethrow<T>(messages: MessageStream<T>, init: CallInit): AsyncIterableIterator<T> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      messages.next().catch((error) => {
        throw withMetadata(error, init);
      }),
    return: () => messages.return(),
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
