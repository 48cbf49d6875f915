import { Code } from "@connectrpc/connect";
import { cut } from "./quoted.ts";

/** What the library itself refuses, or fails at. */
export type RefusalKind = keyof typeof refusals;

const refusals = {
  malformedRequest: { code: Code.InvalidArgument, status: 400 },
  noSuchPath: { code: Code.NotFound, status: 404 },
  methodNotAllowed: { code: Code.Unimplemented, status: 405 },
  preconditionFailed: { code: Code.Aborted, status: 412 },
  notAcceptable: { code: Code.InvalidArgument, status: 406 },
  requestTooLarge: { code: Code.ResourceExhausted, status: 413 },
  headersTooLarge: { code: Code.ResourceExhausted, status: 431 },
  tooManyRequests: { code: Code.ResourceExhausted, status: 429 },
  unsupportedMediaType: { code: Code.InvalidArgument, status: 415 },
  internal: { code: Code.Internal, status: 500 },
} as const;

/** A request that never becomes a call. `message` is for the caller, `headers` go on the answer. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly code: Code;
  /** HTTP status. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: RefusalKind, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(cut(message, MAX_MESSAGE));
    this.name = "Refusal";
    this.kind = kind;
    this.code = refusals[kind].code;
    this.status = refusals[kind].status;
    this.headers = headers;
  }
}

/** UTF-16 units; messages quote the request, which can be as long as the caller likes. */
const MAX_MESSAGE = 500;

/** INVALID_ARGUMENT, 400. `message` names what is wrong and where. */
export function malformed(message: string): Refusal {
  return new Refusal("malformedRequest", message);
}
