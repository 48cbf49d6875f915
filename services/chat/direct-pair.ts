import { createHash } from "node:crypto";
import type { CreateRequestKey } from "../numbering/numbering.ts";

/** Who creates a direct chat, to the numbering: neither of the two, so that it knows one chat of a pair. */
const PRINCIPAL = "direct";

/** Tells two users, in whatever order, from all other pairs. */
export function pairOf(one: string, other: string): string {
  return createHash("sha256").update([one, other].sort().join("\0")).digest("hex");
}

/**
 * The request_id under which a pair's next chat is created, whoever of the two asks, and when: those who ask at the same
 * time get the same number.
 *
 * @param after the number of the pair's chat before, which is deleted; 0 for none
 */
export function directRequestKey(pair: string, after: number): CreateRequestKey {
  const hex = createHash("sha256").update(`${pair}/${after}`).digest("hex");
  // A UUID of version 8: made of what its maker chooses (RFC 9562).
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return { principal: PRINCIPAL, requestId: parts.join("-"), digest: createHash("sha256").update(pair).digest() };
}
