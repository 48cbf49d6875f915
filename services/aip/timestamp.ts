import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

/** A Timestamp of whole milliseconds since 1970. */
export function timestampFromMillis(millis: number): Timestamp {
  const seconds = Math.floor(millis / 1_000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: (millis - seconds * 1_000) * 1_000_000 });
}

/** A Timestamp, as timestampFromMillis; undefined for null. */
export function timestampOrNone(millis: number | null): Timestamp | undefined {
  return millis === null ? undefined : timestampFromMillis(millis);
}

/** Milliseconds since 1970, rounded up, so that a bound between two milliseconds keeps its side. */
export function millisFromTimestamp({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1_000 + Math.ceil(nanos / 1_000_000);
}
