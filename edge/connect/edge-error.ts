import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { type ErrorInfoSource, Refusal } from "../transcode/index.ts";

/**
 * An error of the edge itself, with an ErrorInfo.
 *
 * @param refusal its headers become the error's metadata
 * @param code where Connect has another one for it
 */
export function edgeError(errorInfo: ErrorInfoSource, refusal: Refusal, code = refusal.code): ConnectError {
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, errorInfo(refusal.kind)) };
  return new ConnectError(refusal.message, code, { ...refusal.headers }, [info]);
}

/** What callers are told of a fault, whose cause is for the log alone. */
export function internalError(errorInfo: ErrorInfoSource): ConnectError {
  return edgeError(errorInfo, new Refusal("internal", "internal error"));
}
