import { constants, type IncomingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { toCallError } from "../../services/rpc/call-error.ts";
import { tooMuchForConnection } from "../../services/rpc/errors.ts";
import { appendMetadata } from "./call-metadata.ts";

/** The other side did not answer a call, since the connection or the stream ended before. */
export class BrokenCallError extends Error {
  /** Whether the other side is known not to have begun the call. */
  readonly isUntouched: boolean;

  constructor(message: string, isUntouched: boolean) {
    super(message);
    this.name = "BrokenCallError";
    this.isUntouched = isUntouched;
  }
}

/**
 * The error that an answer tells of; undefined where it went well. Its metadata is that of the headers and trailers.
 *
 * @param trailers where the answer has no more than headers, those
 */
export function readStatus(headers: IncomingHttpHeaders, trailers: IncomingHttpHeaders): ConnectError | undefined {
  if (trailers["grpc-status"] === "0") return undefined;
  const status = new Headers();
  for (const name of ["grpc-status", "grpc-message", "grpc-status-details-bin"]) {
    if (trailers[name] !== undefined) status.set(name, String(trailers[name]));
  }
  const found = findTrailerError(status) ?? withoutStatus(Number(headers[":status"]));
  const metadata = appendMetadata(headers, new Headers());
  if (trailers !== headers) appendMetadata(trailers, metadata);
  const error = new ConnectError(found.rawMessage, found.code, metadata);
  error.details = found.details;
  return toCallError(error);
}

/** What a proxy between, or no gRPC server, has answered; as https://grpc.io/docs/guides/status-codes maps it. */
function withoutStatus(httpStatus: number): ConnectError {
  const isBusy = [429, 502, 503, 504].includes(httpStatus);
  const message = `the service was answered for with HTTP status ${httpStatus} and without one of gRPC`;
  return new ConnectError(message, isBusy ? Code.Unavailable : Code.Internal);
}

/** Why a stream of HTTP/2 ended without an answer. `id` is undefined where it was never sent. */
export function describeBreak(stream: { id?: number; rstCode: number }): ConnectError | BrokenCallError {
  const { NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM } = constants;
  if (stream.rstCode === NGHTTP2_ENHANCE_YOUR_CALM) return tooMuchForConnection();
  const isUntouched = stream.id === undefined || stream.rstCode === NGHTTP2_REFUSED_STREAM;
  return new BrokenCallError(`the stream of the call was closed with code ${stream.rstCode}`, isUntouched);
}

/** Whether an answer that has ended is not whole, so that the code with which its stream closes says what became of it. */
export function isCutOff(
  { rstCode }: { rstCode: number },
  headers: IncomingHttpHeaders,
  trailers: IncomingHttpHeaders,
): boolean {
  const wasReset = rstCode !== constants.NGHTTP2_NO_ERROR;
  return headers[":status"] === undefined || (wasReset && trailers["grpc-status"] === undefined);
}
