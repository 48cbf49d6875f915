import type { Transport } from "@connectrpc/connect";
import type { ServerState } from "./connection.ts";
import { ConnectionPool, type ConnectionPoolOptions } from "./connection-pool.ts";
import { createGrpcTransport, type GrpcTransportOptions } from "./grpc-transport.ts";
import { RetryBudget } from "./retries.ts";

export type UpstreamOptions = ConnectionPoolOptions &
  GrpcTransportOptions & {
    /** Of one message of an answer. */
    maxAnswerBytes: number;
    /** How long a call waits for a server, in milliseconds, where there is none. Default: 2,000. */
    waitMs?: number;
    /** Told of each attempt of a call after the first. */
    onRetry?: () => void;
  };

/** The servers behind the edge. */
export type Upstream = {
  /** Balances calls between them, and repeats those that can be. */
  transport: Transport;
  /** Whether one of them at least takes calls. */
  isServing(): boolean;
  /** Of each server, by its address. */
  states(): Record<string, ServerState>;
  /** Ends the calls under way. */
  close(): void;
};

/** Connects to servers of gRPC, which may be there later. */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { maxAnswerBytes, waitMs = 2_000, onRetry = () => {} } = options;
  const pool = new ConnectionPool(options);
  const means = { pool, budget: new RetryBudget(), maxAnswerBytes, waitMs, onRetry };
  return {
    transport: createGrpcTransport(means, options),
    isServing: () => pool.isServing(),
    states: () => pool.states(),
    close: () => pool.close(),
  };
}
