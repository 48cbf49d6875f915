import { parseTimeout as parseConnectTimeout } from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpcTimeout } from "@connectrpc/connect/protocol-grpc-web";
import { protocolOf } from "./protocol.ts";

/** The header by which a caller of Connect or gRPC-Web gives a deadline. */
export type TimeoutHeader = {
  name: "grpc-timeout" | "connect-timeout-ms";
  value: string;
  /** Undefined where the value is none. */
  timeoutMs: number | undefined;
  /** What a value looks like, in words. */
  form: string;
};

/** Reads the timeout of a request, if it has one. */
export function readTimeout(header: Headers): TimeoutHeader | undefined {
  const isGrpcWeb = protocolOf(header.get("content-type")) === "grpc-web";
  const name = isGrpcWeb ? "grpc-timeout" : "connect-timeout-ms";
  const value = header.get(name);
  if (value === null) return undefined;
  const { error, timeoutMs } = (isGrpcWeb ? parseGrpcTimeout : parseConnectTimeout)(value, Number.POSITIVE_INFINITY);
  const form = isGrpcWeb ? "at most eight digits and a unit, as in 500m" : "milliseconds, in at most ten digits";
  return { name, value, timeoutMs: error === undefined ? timeoutMs : undefined, form };
}

/** The longest that a timer of Node's holds, in milliseconds; one that is longer ends at once, with a warning. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The largest under it that either header can say. */
const LONGEST = { "grpc-timeout": "596H", "connect-timeout-ms": String(MAX_TIMER_MS) };

/** Shortens the timeout of a request to what connect's own timer holds. */
export function capTimeout(header: Headers): void {
  const timeout = readTimeout(header);
  if (timeout?.timeoutMs === undefined || timeout.timeoutMs <= MAX_TIMER_MS) return;
  header.set(timeout.name, LONGEST[timeout.name]);
}
