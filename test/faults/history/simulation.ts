import fc from "fast-check";
import type { Event, History } from "./history.ts";
import type { Operation } from "./operation.ts";
import { ABSENT, DELETED, type Item, originOf, type State } from "./resource.ts";
import { attempt, deletion, edit, get, item, list, message, tell } from "./tale.ts";

/** A call of a made-up run: what it does, how long before and after its effect it begins and ends, and its answer. */
type Step = {
  kind: "create" | "edit" | "delete" | "get" | "list";
  /** Which message, or how many of a batch. */
  pick: number;
  before: number;
  after: number;
  answered: boolean;
  /** Whether it has an effect where it is not answered. */
  effective: boolean;
};

/** How far apart effects are; calls last longer, so that they overlap. */
const INTERVAL_MS = 10;

/** The steps of runs of one chat. */
export const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("create", "create", "edit", "delete", "get", "get", "list"),
    pick: fc.nat(8),
    before: fc.integer({ min: 1, max: 35 }),
    after: fc.integer({ min: 1, max: 35 }),
    answered: fc.boolean(),
    effective: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40, size: "max" },
);

/** The true state of the chat while it is told: messages in the order of their numbers. */
type World = { messages: Item[]; operations: Operation[]; events: Event[] };

/** What callers and subscribers of a correct chat see of these steps, each having its effect at one moment. */
export function simulate(steps: readonly Step[]): History {
  const world: World = { messages: [], operations: [], events: [] };
  for (const [index, step] of steps.entries()) {
    const moment = (index + 10) * INTERVAL_MS;
    perform(world, step, `c${index}`, [moment - step.before, moment + step.after], index + 1);
  }
  return tell(world.operations, world.messages, { subscribers: [world.events] });
}

function perform(world: World, step: Step, id: string, times: [number, number], mark: number): void {
  const number = 1 + (step.pick % Math.max(1, world.messages.length));
  const state = world.messages[number - 1]?.state ?? ABSENT;
  if (step.kind === "create") create(world, step, id, times, mark * 10);
  else if (step.kind === "list") world.operations.push(list(1, [...world.messages], times));
  else if (step.kind === "get" || state === ABSENT) world.operations.push(get(number, state, times));
  else change(world, step, { number, state: step.kind === "edit" ? `edit-${id}` : DELETED }, times, mark * 10);
}

function create(world: World, { pick, answered, effective }: Step, id: string, times: [number, number], mark: number) {
  const count = 1 + (pick % 3);
  const numbers = Array.from({ length: count }, (_, index) => world.messages.length + index + 1);
  world.operations.push(attempt(id, times, answered ? numbers : [], { count }));
  if (!answered && !effective) return;
  for (const [index, number] of numbers.entries()) {
    const made = item(number, originOf(id, index));
    world.messages.push(made);
    world.events.push({ ...made, kind: "created", mark: mark + index });
  }
}

function change(
  world: World,
  { answered, effective }: Step,
  { number, state }: { number: number; state: State },
  times: [number, number],
  mark: number,
): void {
  const old = world.messages[number - 1]!;
  if (old.state === DELETED && state !== DELETED) {
    world.operations.push(edit(number, state, times, { outcome: "failed", saw: DELETED }));
    return;
  }
  const outcome = answered ? "ok" : "unknown";
  world.operations.push(
    state === DELETED ? deletion(message(number), times, { outcome }) : edit(number, state, times, { outcome }),
  );
  if ((!answered && !effective) || old.state === state) return;
  world.messages[number - 1] = { ...old, state };
  world.events.push({ ...old, state, kind: "changed", mark });
}
