import type { Duration } from "@bufbuild/protobuf/wkt";
import { invalidFields } from "../rpc/errors.ts";

const MAX_SECONDS = 6 * 3_600;

/** Refuses a slow mode that is not of whole seconds, up to 6 hours: INVALID_ARGUMENT. */
export function checkSlowMode(slowMode: Duration | undefined, field: string): void {
  if (!slowMode) return;
  const { seconds, nanos } = slowMode;
  if (nanos === 0 && seconds >= 0 && seconds <= MAX_SECONDS) return;
  throw invalidFields([{ field, description: `must be whole seconds, from 0s to ${MAX_SECONDS}s` }]);
}
