import type { Create, Operation, Outcome } from "./operation.ts";
import { childOf, originOf, type State } from "./resource.ts";

/** A create with all its attempts. */
export type Attempted = {
  create: string;
  parent: string;
  states: readonly State[];
  requestId: string;
  /** When its first attempt began. */
  start: number;
  /** When a caller was first told of its success; Infinity where none was. */
  answered: number;
  /** `ok` where any attempt was, `unknown` where any other was. */
  outcome: Outcome;
  /** The numbers that were told first; empty unless ok. */
  numbers: readonly number[];
  attempts: readonly Create[];
};

/** The creates of a history, each with its attempts, in the order in which they began. */
export function joinAttempts(operations: readonly Operation[]): Attempted[] {
  const byCreate = Map.groupBy(operations.filter(isCreate), ({ create }) => create);
  return [...byCreate.values()].map(join).sort((a, b) => a.start - b.start);
}

function isCreate(operation: Operation): operation is Create {
  return operation.kind === "create";
}

function join(attempts: readonly Create[]): Attempted {
  const { create, parent, states, requestId } = attempts[0]!;
  const answers = attempts.filter(({ outcome }) => outcome === "ok").sort((a, b) => a.end - b.end);
  const open = attempts.some(({ outcome }) => outcome === "unknown");
  return {
    ...{ create, parent, states, requestId, attempts },
    start: Math.min(...attempts.map(({ start }) => start)),
    answered: answers[0]?.end ?? Number.POSITIVE_INFINITY,
    outcome: answers[0] ? "ok" : open ? "unknown" : "failed",
    numbers: answers[0]?.numbers ?? [],
  };
}

/** What a create was told to have made: name and origin of each. */
export function toldItems({ create, parent, numbers }: Attempted): { name: string; origin: string }[] {
  return numbers.map((number, index) => ({ name: childOf(parent, number), origin: originOf(create, index) }));
}
