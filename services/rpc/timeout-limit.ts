import type { DescMethod } from "@bufbuild/protobuf";

/** How long calls may take, in milliseconds. */
export type TimeoutLimitOptions = {
  /** For a call without a deadline that is answered with one message. Default: 30,000. */
  defaultTimeoutMs?: number;
  /** The longest that a call answered with one message may take, whatever its caller says. Default: 300,000. */
  maxTimeoutMs?: number;
  /** The longest life of a call answered with a stream, and its default. Default: 3,600,000. */
  streamTimeoutMs?: number;
};

/** Makes what turns the timeout that a caller gives, if any, into the one that its call has. */
export function createTimeoutLimit({
  defaultTimeoutMs = 30_000,
  maxTimeoutMs = 300_000,
  streamTimeoutMs = 3_600_000,
}: TimeoutLimitOptions) {
  return ({ methodKind }: DescMethod, timeoutMs: number | undefined): number =>
    methodKind === "unary" || methodKind === "client_streaming"
      ? Math.min(timeoutMs ?? defaultTimeoutMs, maxTimeoutMs)
      : Math.min(timeoutMs ?? streamTimeoutMs, streamTimeoutMs);
}
