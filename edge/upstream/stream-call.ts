import type { ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { CallLifetime } from "../../services/rpc/call-lifetime.ts";
import { formatTimeout } from "../../services/rpc/grpc-timeout.ts";
import { type CallMeans, findConnection } from "./call-means.ts";
import type { CallSession } from "./call-session.ts";
import { BrokenCallError } from "./call-status.ts";
import type { Connection } from "./connection.ts";
import { MAX_ATTEMPTS } from "./retries.ts";
import { StreamExchange } from "./stream-exchange.ts";

export type StreamCallOptions = {
  headers: OutgoingHttpHeaders;
  timeoutMs: number;
  /** Its abort ends the call. */
  signal: AbortSignal | undefined;
};

/**
 * Opens a call with streams on the next connection that takes it. Once opened it is not made again: what was sent of its
 * requests, and seen of its answers, cannot be taken back.
 */
export async function openStream(means: CallMeans, options: StreamCallOptions): Promise<StreamExchange> {
  const { headers, timeoutMs, signal: caller } = options;
  let exchange: StreamExchange | undefined;
  const lifetime = new CallLifetime(timeoutMs, { caller, onAbort: (error) => exchange?.cancel(error) });
  try {
    const { connection, session, stream } = await findStream(means, lifetime, headers);
    exchange = new StreamExchange(stream, {
      maxBytes: means.maxAnswerBytes,
      reset: (graceMs) => session.reset(stream, graceMs),
      onEnd() {
        connection.finish();
        lifetime.end();
      },
    });
    return exchange;
  } catch (error) {
    lifetime.end();
    throw error;
  }
}

async function findStream(
  means: CallMeans,
  lifetime: CallLifetime,
  headers: OutgoingHttpHeaders,
): Promise<{ connection: Connection; session: CallSession; stream: ClientHttp2Stream }> {
  let closed: Connection | undefined;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const connection = await findConnection(means, lifetime, closed);
    if (lifetime.failure !== undefined) throw lifetime.failure;
    headers["grpc-timeout"] = formatTimeout(lifetime.remainingMs());
    const opened = connection.begin((session) => {
      const stream = session.open(headers);
      return stream && { connection, session, stream };
    });
    if (opened !== undefined) return opened;
    closed = connection;
  }
  throw new BrokenCallError("the connections take no more calls", true);
}
