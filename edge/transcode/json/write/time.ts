import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { FIRST_SECOND, LAST_SECOND } from "../timestamp-range.ts";
import { unwritable } from "./problem.ts";

const DAY_SECONDS = 86400;

/** So many dates are remembered; Date.toISOString takes ten times as long as all else here. */
const DATES = 1000;

/**
 * Makes a writer of google.protobuf.Timestamp: RFC 3339 in UTC, with 0, 3, 6 or 9 digits of a second. It throws outside
 * the years 1 to 9999, or where nanos are outside 0 to 999,999,999.
 */
export function timestampWriter(): (timestamp: Timestamp) => string {
  const dates = new Map<number, string>();
  const minutes = Array.from({ length: 24 * 60 }, (_, minute) => new Date(minute * 60_000).toISOString().slice(10, 17));
  const dateOf = (day: number) => {
    if (dates.size === DATES) dates.clear();
    const date = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
    dates.set(day, date);
    return date;
  };
  return (timestamp) => {
    const seconds = Number(timestamp.seconds);
    const { nanos } = timestamp;
    refuseUnwritable(seconds, nanos);
    const day = Math.floor(seconds / DAY_SECONDS);
    const secondOfDay = seconds - day * DAY_SECONDS;
    const minute = Math.floor(secondOfDay / 60);
    const second = secondOfDay - minute * 60;
    return `"${dates.get(day) ?? dateOf(day)}${minutes[minute]}${second < 10 ? "0" : ""}${second}${fractionOf(nanos)}Z"`;
  };
}

function refuseUnwritable(seconds: number, nanos: number): void {
  if (!(seconds >= FIRST_SECOND && seconds <= LAST_SECOND)) {
    throw unwritable(TimestampSchema.typeName, `${seconds} seconds are not in the years 1 to 9999`);
  }
  if (!(nanos >= 0 && nanos <= 999_999_999)) {
    throw unwritable(TimestampSchema.typeName, `${nanos} nanos are not within 0 to 999999999`);
  }
}

function fractionOf(nanos: number): string {
  if (nanos === 0) return "";
  if (nanos % 1_000_000 === 0) return `.${`${1000 + nanos / 1_000_000}`.slice(1)}`;
  if (nanos % 1000 === 0) return `.${`${1_000_000 + nanos / 1000}`.slice(1)}`;
  return `.${`${1_000_000_000 + nanos}`.slice(1)}`;
}
