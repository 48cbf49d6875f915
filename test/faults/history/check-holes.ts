import { toldItems } from "./attempts.ts";
import type { Create } from "./operation.ts";
import { numberOf, parentOf } from "./resource.ts";
import type { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";

/**
 * Numbers are missing only where creates failed, nobody was told of them, or they were under way when an epoch of numbers
 * ended: what the queue refuses then is numbered anew.
 */
export function checkHoles(scene: Scene): Violation[] {
  const used = Map.groupBy(namesOf(scene), parentOf);
  return [...used]
    .filter(([parent]) => scene.exists(parent))
    .flatMap(([parent, names]) => {
      const numbers = new Set(names.map(numberOf));
      const holes = holesIn(numbers);
      const spare = excusedBy(scene, parent);
      return holes.slice(spare).map(() => ({
        kind: "holes" as const,
        text: `${parent} has no ${holes}, and ${spare} creates that may have lost their numbers`,
      }));
    });
}

/** Every name that was ever given. */
function namesOf({ creates, stored, subscribers }: Scene): string[] {
  const told = creates.flatMap(toldItems);
  return [...told, ...stored.shown, ...subscribers.flat()].map(({ name }) => name);
}

function holesIn(numbers: ReadonlySet<number>): number[] {
  const last = Math.max(...numbers);
  return Array.from({ length: last }, (_, index) => index + 1).filter((number) => !numbers.has(number));
}

/** How much later than the queue a subscriber may see an epoch, in milliseconds. */
const LAG_MS = 2_000;

/** How many numbers attempts may have cost. */
function excusedBy({ creates, epochs }: Scene, parent: string): number {
  const attempts = creates.filter((create) => create.parent === parent).flatMap((create) => create.attempts);
  const mayBeAnew = ({ start, end }: Create) => epochs.some((time) => start <= time && end >= time - LAG_MS);
  const costly = attempts.filter((attempt) => attempt.outcome !== "ok" || mayBeAnew(attempt));
  return costly.reduce((sum, { states }) => sum + states.length, 0);
}
