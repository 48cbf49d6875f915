import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { JsonCursor } from "../text/cursor.ts";
import { unexpectedText } from "../text/problem.ts";
import { FIRST_SECOND, LAST_SECOND } from "../timestamp-range.ts";
import type { ValueReader } from "./value.ts";

const LONGEST_SECONDS = 315_576_000_000;

const TIME = "a time as in 2030-01-31T13:00:00Z or 2030-01-31T13:00:00.5+01:00";
const DURATION = "a duration in seconds as in 1.5s";

/** RFC 3339 with capital letters and up to 9 digits of a second; without leap seconds. */
const timePattern =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const durationPattern = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

/** Reads google.protobuf.Timestamp. */
export const timestampReader: ValueReader = {
  read: (cursor: JsonCursor) => parseTimestamp(cursor.readString(TIME)),
  parse: parseTimestamp,
  takesNull: false,
};

/** Reads google.protobuf.Duration. */
export const durationReader: ValueReader = {
  read: (cursor: JsonCursor) => parseDuration(cursor.readString(DURATION)),
  parse: parseDuration,
  takesNull: false,
};

function parseTimestamp(text: string): Timestamp {
  const [, local, day, fraction, zone] = timePattern.exec(text) ?? [];
  const date = new Date(`${local}Z`);
  // A day that the month does not have is one of the next month to Date.
  if (local === undefined || date.getUTCDate() !== Number(day)) throw unexpectedText(TIME, text);
  const seconds = (zone === "Z" ? date.getTime() : Date.parse(local + zone)) / 1000;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
    throw unexpectedText("a time in the years 1 to 9999 of UTC", text);
  }
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: toNanos(fraction) });
}

function parseDuration(text: string): Duration {
  const [, sign, digits, fraction] = durationPattern.exec(text) ?? [];
  if (digits === undefined) throw unexpectedText(DURATION, text);
  const seconds = Number(digits);
  if (seconds > LONGEST_SECONDS) {
    throw unexpectedText(`a duration of at most ${LONGEST_SECONDS}s`, text);
  }
  const factor = sign === "-" ? -1 : 1;
  return create(DurationSchema, { seconds: BigInt(factor * seconds), nanos: factor * toNanos(fraction) || 0 });
}

/** @param fraction up to 9 digits of a second */
function toNanos(fraction = ""): number {
  return Number(fraction.padEnd(9, "0"));
}
