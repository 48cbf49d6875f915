import { findContradictions } from "./register.ts";
import type { Scene } from "./scene.ts";
import { collectRegisters, type Register, withFinalRead } from "./sights.ts";
import type { Violation, ViolationKind } from "./violation.ts";

/**
 * Every message and chat is linearizable by itself: a read that began after an answer saw what was answered, and what is
 * there at the end is what was answered last.
 */
export function checkReads(scene: Scene): Violation[] {
  const time = 1 + scene.operations.reduce((last, { end }) => Math.max(last, end), 0);
  return collectRegisters(scene).flatMap((register) => {
    const stale = contradictionsOf(register, "staleReads");
    if (stale.length > 0 || isMissing(scene, register)) return stale;
    return contradictionsOf(withFinalRead(scene, register, time), "lost");
  });
}

/** Whether it was answered and is not there, without a reason: a violation of its own. */
function isMissing({ shownByName, removals, deadLetters }: Scene, { name, create, origin }: Register): boolean {
  if (create.outcome !== "ok" || shownByName.has(name)) return false;
  return !removals.explain(name, create.start) && !deadLetters.has(origin);
}

function contradictionsOf({ name, writes, reads }: Register, kind: ViolationKind): Violation[] {
  return findContradictions(writes, reads).map(({ text }) => ({ kind, text: `${name}: ${text}` }));
}
