import { type Attempted, toldItems } from "./attempts.ts";
import { numberOf, originOf } from "./resource.ts";
import type { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";

/** A create with the numbers that it has, told or only stored. */
type Numbered = { create: Attempted; numbers: number[] };

/** A create that began after another's answer has the higher number; a batch has consecutive numbers, in its order. */
export function checkOrder(scene: Scene): Violation[] {
  const numbered = scene.creates.map((create) => ({ create, numbers: numbersOf(scene, create) }));
  const placed = numbered.filter(({ numbers }) => numbers.length > 0);
  const byParent = Map.groupBy(placed, ({ create }) => create.parent);
  return [...byParent.values()].flatMap((siblings) => [
    ...siblings.flatMap(findUnordered),
    ...findInversions(siblings),
  ]);
}

function numbersOf({ shownByOrigin }: Scene, create: Attempted): number[] {
  if (create.outcome === "ok") return toldItems(create).map(({ name }) => numberOf(name));
  const items = create.states.flatMap((_, index) => shownByOrigin.get(originOf(create.create, index)) ?? []);
  return items.map(({ name }) => numberOf(name));
}

function findUnordered({ create, numbers }: Numbered): Violation[] {
  if (numbers.every((number, index) => number === numbers[0]! + index)) return [];
  return [{ kind: "reordered", text: `the batch ${create.create} in ${create.parent} has the numbers ${numbers}` }];
}

/** Goes through them by their beginnings, beside the answers that came before. */
function findInversions(siblings: readonly Numbered[]): Violation[] {
  const answered = siblings.toSorted((a, b) => a.create.answered - b.create.answered);
  let before = 0;
  let highest: Numbered | undefined;
  return siblings.flatMap((later): Violation[] => {
    for (; answered[before] && answered[before]!.create.answered < later.create.start; before++) {
      if (!highest || answered[before]!.numbers.at(-1)! > highest.numbers.at(-1)!) highest = answered[before];
    }
    if (!highest || later.numbers[0]! > highest.numbers.at(-1)!) return [];
    const text =
      `${later.create.create} in ${later.create.parent} began at ${later.create.start} and has ${later.numbers[0]}, ` +
      `but ${highest.create.create} had ${highest.numbers.at(-1)} at ${highest.create.answered}`;
    return [{ kind: "reordered", text }];
  });
}
