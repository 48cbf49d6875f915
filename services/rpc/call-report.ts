import type { DescMethod } from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";

/** What is reported of a call when it is over. */
export type CallReport = {
  method: DescMethod;
  protocol: "grpc";
  /** A google.rpc.Code; 0 is OK. */
  code: number;
  /** The reason of a call that failed; undefined where it did not. */
  reason: string | undefined;
  /** The fields for which it failed. */
  fields: string[] | undefined;
  /** From the arrival of the headers to the status. */
  durationMs: number;
  requestId: string;
  /** The W3C trace context that came with the call; null where none did. */
  traceparent: string | null;
  /** Address and port of the other end. */
  peer: string;
  /** What is known of its caller, among others. */
  contextValues: ContextValues;
};
