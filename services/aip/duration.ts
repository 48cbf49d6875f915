import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";

/** In milliseconds, with fractions; 0 for none. */
export function millisFromDuration(duration: Duration | undefined): number {
  return duration ? Number(duration.seconds) * 1_000 + duration.nanos / 1_000_000 : 0;
}

/** A duration of milliseconds, without fractions, as it is answered; undefined where it is 0. */
export function durationOrNone(millis: number): Duration | undefined {
  if (millis === 0) return undefined;
  return create(DurationSchema, { seconds: BigInt(Math.floor(millis / 1_000)), nanos: (millis % 1_000) * 1_000_000 });
}
