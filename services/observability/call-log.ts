import { Code } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";

/** Who made a call, where that is known: a user, or the backend of an application, or nobody of one. */
export type Caller = { kind: string; application?: string; user?: string };

/** A call that is over, as it is counted and logged. `code` is undefined where it went well. */
export type FinishedCall = {
  method: string;
  protocol: string;
  code: Code | undefined;
  /** Of the ErrorInfo that a failed call was answered with. */
  reason?: string | undefined;
  /** For which it failed. */
  fields?: string[] | undefined;
  /** Of a request over HTTP that was for no method. */
  verb?: string;
  path?: string;
  caller?: Caller | undefined;
  durationMs: number;
  requestId: string;
  traceId?: string;
  peer?: string;
};

const SERVER_FAULTS = new Set([Code.Unknown, Code.Internal, Code.DataLoss, Code.Unavailable]);

/** Counts each call and logs it: at debug where it went well, at info where the caller erred, else at warn. */
export function createCallLog(metrics: Metrics, log: Logger): (call: FinishedCall) => void {
  return (call) => {
    metrics.observeCall(call);
    const { code } = call;
    const level = code === undefined ? "debug" : SERVER_FAULTS.has(code) ? "warn" : "info";
    if (!log.isLevelEnabled(level)) return;
    const durationMs = Math.round(call.durationMs * 1_000) / 1_000;
    const { caller, ...rest } = call;
    const who = caller && { application: caller.application, user: caller.user };
    log[level]({ ...rest, ...who, durationMs, code: code === undefined ? "OK" : Code[code] }, "call");
  };
}

/** The trace id of a W3C `traceparent` header: `00-<trace id>-<span id>-<flags>`. */
export function traceIdOf(traceparent: string | null): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent ?? "")?.[1];
}
