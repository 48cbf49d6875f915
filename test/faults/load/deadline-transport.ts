import { Code, ConnectError, type Transport } from "@connectrpc/connect";

/** A transport of unary calls whose caller gives up after some milliseconds, also where the transport itself would not. */
export function withDeadline(transport: Transport, timeoutMs: number): Transport {
  return {
    stream: transport.stream,
    async unary(method, signal, _timeoutMs, header, input, contextValues) {
      const expired = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        expired.reject(new ConnectError(`no answer within ${timeoutMs} ms`, Code.DeadlineExceeded));
      }, timeoutMs);
      const answer = transport.unary(method, signal, timeoutMs, header, input, contextValues);
      try {
        return await Promise.race([answer, expired.promise]);
      } finally {
        clearTimeout(timer);
        answer.catch(() => undefined);
      }
    },
  };
}
