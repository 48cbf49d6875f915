import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import { invalidFields } from "../rpc/errors.ts";

const MAX_SECONDS = 6 * 3_600;

/** Refuses a slow mode that is not of whole seconds, up to 6 hours: INVALID_ARGUMENT. */
export function checkSlowMode(slowMode: Duration | undefined, field: string): void {
  if (!slowMode) return;
  const { seconds, nanos } = slowMode;
  if (nanos === 0 && seconds >= 0 && seconds <= MAX_SECONDS) return;
  throw invalidFields([{ field, description: `must be whole seconds, from 0s to ${MAX_SECONDS}s` }]);
}

/** In milliseconds; 0 for none. */
export function millisFromDuration(slowMode: Duration | undefined): number {
  return slowMode ? Number(slowMode.seconds) * 1_000 : 0;
}

/** A slow mode as it is answered. */
export function durationOrNone(millis: number): Duration | undefined {
  return millis === 0 ? undefined : create(DurationSchema, { seconds: BigInt(millis / 1_000) });
}
