import type { ErrorReason } from "../gen/parley/v1/error_reason_pb.ts";
import type { RefusalKind } from "./transcode/index.ts";

/** The reasons of what the transcoder itself refuses. */
export const REFUSAL_REASONS: Readonly<Record<RefusalKind, keyof typeof ErrorReason>> = {
  malformedRequest: "MALFORMED_REQUEST",
  noSuchPath: "METHOD_NOT_FOUND",
  methodNotAllowed: "METHOD_NOT_ALLOWED",
  notAcceptable: "NOT_ACCEPTABLE",
  preconditionFailed: "ETAG_MISMATCH",
  requestTooLarge: "REQUEST_TOO_LARGE",
  unsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
  internal: "INTERNAL",
};
