import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";

/** What a caller learns of a call that failed, whatever its protocol. */
export type Failure = {
  code: string;
  message: string;
  reason: string | undefined;
  domain: string | undefined;
  metadata: Record<string, string>;
  /** The paths in the BadRequest, in its order. */
  fields: string[];
};

/** The failure in an error of a transport; anything that is not a ConnectError is thrown on. */
export function failureFrom(error: unknown): Failure {
  if (!(error instanceof ConnectError)) throw error;
  const [info, ...others] = error.findDetails(ErrorInfoSchema);
  if (others.length > 0) throw new Error(`${error.message}: has ${others.length + 1} ErrorInfos`);
  const fields = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
  return {
    code: Code[error.code],
    message: error.rawMessage,
    reason: info?.reason,
    domain: info?.domain,
    metadata: info?.metadata ?? {},
    fields: fields.map(({ field }) => field),
  };
}

const CONNECTION_CODES = ["ECONNRESET", "ECONNREFUSED", "EPIPE"];

/** Whether a call failed because the other side is gone or about to go, whatever its protocol calls that. */
export function isServerGone(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  if (error instanceof ConnectError && code === Code.Unavailable) return true;
  return CONNECTION_CODES.includes(String(cause?.code ?? code));
}

/** The failure of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    return failureFrom(error);
  }
  throw new Error(`the call succeeded with ${JSON.stringify(answer)}`);
}

/** The failures of calls that run at the same time and must all fail. */
export function failuresOf(calls: readonly Promise<unknown>[]): Promise<Failure[]> {
  return Promise.all(calls.map(failureOf));
}
