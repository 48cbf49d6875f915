import { complaintOf } from "./check.ts";

/** The contract as the last release had it. */
export const RELEASED = "proto/release.binpb";

/**
 * Resolves with what a caller, or a record in a write queue, of the last release would stumble over; empty where
 * nothing is.
 *
 * @param contract a module or an image
 */
export function findBreakage(contract = "proto"): Promise<string> {
  return complaintOf("buf", ["breaking", contract, "--against", RELEASED, "--exclude-imports"]);
}
