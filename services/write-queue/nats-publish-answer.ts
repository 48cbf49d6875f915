import { JETSTREAM_CODES } from "./jetstream-codes.ts";

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

const NOT_EXPECTED: readonly number[] = [JETSTREAM_CODES.StreamWrongLastSequence, JETSTREAM_CODES.StreamWrongLastId];
/** Limits of the account or the server. */
const FULL: readonly number[] = [JETSTREAM_CODES.AccountResourcesExceeded, JETSTREAM_CODES.StorageResourcesExceeded];
/** In a cluster: another fenced publish, or one of the same id, is being agreed on. */
const BUSY: readonly number[] = [
  JETSTREAM_CODES.StreamWrongLastSequenceUnknown,
  JETSTREAM_CODES.StreamDuplicateInProcess,
  JETSTREAM_CODES.StreamLastSequenceNotReady,
];

/** Reads the acknowledgement of a publish. */
export function parseAnswer(data: string): PublishAnswer {
  const { seq, duplicate = false, error } = JSON.parse(data) as Acknowledgement;
  if (!error) {
    if (seq === undefined || seq === 0) return { kind: "unknown", reason: new Error("NATS gave no sequence") };
    return { kind: "stored", sequence: seq, duplicate };
  }
  const { err_code: code, description } = error;
  if (NOT_EXPECTED.includes(code)) return { kind: "not-expected" };
  if (FULL.includes(code) || isAtLimit(code, description)) return { kind: "full" };
  if (BUSY.includes(code)) return { kind: "busy", reason: description };
  return { kind: "unknown", reason: new Error(`NATS answered ${code}: ${description}`) };
}

/** Whether the stream did not store it because of its own limits. */
function isAtLimit(code: number, description: string): boolean {
  return code === JETSTREAM_CODES.StreamStoreFailed && description.startsWith("maximum");
}
