import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { toCallError } from "./call-error.ts";
import { REQUEST_ID_HEADER } from "./request-id-header.ts";

const SERVER_FAULTS = new Set([Code.Unknown, Code.Internal, Code.DataLoss, Code.Unavailable]);

/** Told of a fault of the server: of what was thrown where that is no ConnectError, else of the ConnectError. */
export type OnFault = (thrown: unknown, method: DescMethod, requestId: string) => void;

/** Turns what was thrown into what the caller is told, and reports it where that hides a cause. Each error once. */
export type FaultReport = (thrown: unknown, method: DescMethod, requestHeader: Headers) => ConnectError;

/** Makes the report; an error that passes it twice, as in a call within a transport, is the same both times. */
export function createFaultReport(onFault: OnFault): FaultReport {
  const reported = new WeakSet<ConnectError>();
  return (thrown, method, requestHeader) => {
    const error = toCallError(thrown);
    const hidesCause =
      !(thrown instanceof ConnectError) || (error.cause !== undefined && SERVER_FAULTS.has(error.code));
    if (!hidesCause || reported.has(error)) return error;
    reported.add(error);
    onFault(thrown, method, requestHeader.get(REQUEST_ID_HEADER) ?? "");
    return error;
  };
}
