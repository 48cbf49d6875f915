import { ConnectError, type Transport } from "@connectrpc/connect";

/** A call that is over, as its transport saw it. */
export type ObservedCall = {
  /** `/parley.v1.ChatService/GetChat` */
  method: string;
  error: ConnectError | undefined;
  durationMs: number;
  requestHeader: Headers;
  responseHeader: Headers;
};

/** A transport that tells of every unary call when it is over. */
export function observeTransport(transport: Transport, observe: (call: ObservedCall) => void): Transport {
  return {
    ...transport,
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const start = performance.now();
      const requestHeader = new Headers(header);
      const report = (error: ConnectError | undefined, responseHeader: Headers) =>
        observe({
          method: `/${method.parent.typeName}/${method.name}`,
          error,
          durationMs: performance.now() - start,
          requestHeader,
          responseHeader,
        });
      try {
        const response = await transport.unary(method, signal, timeoutMs, requestHeader, input, contextValues);
        report(undefined, response.header);
        return response;
      } catch (thrown) {
        const error = ConnectError.from(thrown);
        report(error, error.metadata);
        throw thrown;
      }
    },
  };
}
