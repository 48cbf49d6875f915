import Negotiator from "negotiator";

/** A content coding of answers; "identity" is none. */
export type Coding = "br" | "gzip" | "identity";

/** Where the caller has no preference, the one that makes less of it. */
const CODINGS = ["br", "gzip", "identity"] as const;

/** What @types/negotiator leaves out: what to choose among what the caller likes equally. */
type Choose = (available: readonly string[], options: { preferred: readonly string[] }) => string | undefined;

/** The content coding that `Accept-Encoding` prefers (RFC 9110, 12.5.3); none without the header. */
export function preferredCoding(acceptEncoding: string | string[] | undefined): Coding {
  const negotiator = new Negotiator({ headers: { "accept-encoding": String(acceptEncoding ?? "identity") } });
  const choose: Choose = negotiator.encoding.bind(negotiator);
  return (choose(CODINGS, { preferred: CODINGS }) ?? "identity") as Coding;
}
