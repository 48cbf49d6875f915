import { JetStreamApiCodes } from "@nats-io/jetstream";

/** What JetStream said of a publish. */
export type PublishAnswer =
  | { kind: "stored"; sequence: number; duplicate: boolean }
  /** Nothing was stored: what must be there before it is not. */
  | { kind: "not-expected" }
  /** Nothing was stored: the stream is at its limit. */
  | { kind: "full" }
  /** Nothing was stored: another publish that is under way stands in the way. */
  | { kind: "busy"; reason: string }
  /** It is not known whether it was stored. */
  | { kind: "unknown"; reason: unknown };

type Acknowledgement = {
  stream?: string;
  seq?: number;
  duplicate?: boolean;
  error?: { code: number; err_code: number; description: string };
};

const WRONG_LAST_ID = 10_070;
const STORE_FAILED = 10_077;
/** Limits of the account or the server. */
const FULL = [10_002, 10_047];
/** In a cluster: another fenced publish, or one of the same id, is being agreed on. */
const BUSY: readonly number[] = [JetStreamApiCodes.StreamWrongLastSequenceUnknown, 10_158, 10_163];

/** Reads the acknowledgement of a publish. */
export function parseAnswer(data: string): PublishAnswer {
  const { seq, duplicate = false, error } = JSON.parse(data) as Acknowledgement;
  if (!error) {
    if (seq === undefined || seq === 0) return { kind: "unknown", reason: new Error("NATS gave no sequence") };
    return { kind: "stored", sequence: seq, duplicate };
  }
  const { err_code: code, description } = error;
  if (code === JetStreamApiCodes.StreamWrongLastSequence || code === WRONG_LAST_ID) return { kind: "not-expected" };
  if (FULL.includes(code) || (code === STORE_FAILED && description.startsWith("maximum"))) return { kind: "full" };
  if (BUSY.includes(code)) return { kind: "busy", reason: description };
  return { kind: "unknown", reason: new Error(`NATS answered ${code}: ${description}`) };
}
