import { originOf, type State } from "./resource.ts";
import type { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";

/** Dead letters are batches with something in them that the database may refuse. */
export function checkDeadLetters({ creates, deadLetters }: Scene, isPoison: (state: State) => boolean): Violation[] {
  return creates.flatMap(({ create, parent, states }): Violation[] => {
    const isBuried = states.some((_, index) => deadLetters.has(originOf(create, index)));
    if (!isBuried || states.some(isPoison)) return [];
    return [{ kind: "lost", text: `the create ${create} in ${parent} is a dead letter, without a reason` }];
  });
}
