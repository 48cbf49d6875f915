import type { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import type { ErrorInfoSource, RefusalKind } from "../transcode/index.ts";

/** The `domain` of every ErrorInfo. */
export const ERROR_DOMAIN = "parley";

/** The reasons of what the edge itself refuses. */
export const REFUSAL_REASONS: Readonly<Record<RefusalKind, keyof typeof ErrorReason>> = {
  malformedRequest: "MALFORMED_REQUEST",
  noSuchPath: "METHOD_NOT_FOUND",
  methodNotAllowed: "METHOD_NOT_ALLOWED",
  notAcceptable: "NOT_ACCEPTABLE",
  preconditionFailed: "ETAG_MISMATCH",
  requestTooLarge: "REQUEST_TOO_LARGE",
  headersTooLarge: "REQUEST_TOO_LARGE",
  tooManyRequests: "TOO_MANY_PENDING",
  unsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
  internal: "INTERNAL",
};

/** The ErrorInfo of a refusal. */
export const errorInfo: ErrorInfoSource = (kind) => ({ reason: REFUSAL_REASONS[kind], domain: ERROR_DOMAIN });
