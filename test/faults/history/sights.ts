import { type Attempted, toldItems } from "./attempts.ts";
import type { List, Operation } from "./operation.ts";
import type { RegisterWrite, Sight } from "./register.ts";
import { ABSENT, DELETED, isChat, numberOf, originOf, parentOf, type State } from "./resource.ts";
import type { Scene } from "./scene.ts";

/** The state of what is not there any more, apart from what is not there yet. */
const GONE: State = "<gone>";

/** What was written to one message or chat, and what reads showed of it. */
export type Register = { name: string; create: Attempted; origin: string; writes: RegisterWrite[]; reads: Sight[] };

/** Everything that has a name and is of a known create, with its writes and reads. */
export function collectRegisters(scene: Scene): Register[] {
  // Of two creates that were told one number, the first has it.
  const registers = new Map(
    openRegisters(scene)
      .reverse()
      .map((register) => [register.name, register]),
  );
  const byParent = Map.groupBy(registers.values(), ({ name }) => parentOf(name));
  for (const operation of scene.operations) {
    if (operation.kind === "list") {
      if (operation.outcome === "ok") readList(byParent.get(operation.parent) ?? [], operation);
    } else if (operation.kind !== "create") {
      const register = registers.get(operation.name);
      if (register) enter(register, operation);
    }
  }
  return [...registers.values()];
}

function openRegisters(scene: Scene): Register[] {
  return scene.creates.flatMap((create) => {
    const told = toldItems(create);
    return create.states.flatMap((state, index) => {
      const origin = originOf(create.create, index);
      const name = told[index]?.name ?? scene.places.get(origin);
      if (name === undefined) return [];
      const created = { state, start: create.start, end: create.answered, by: `the create ${create.create}` };
      return {
        name,
        create,
        origin,
        writes: [created, NOT_YET, ...removalsOf(scene, name, origin, create)],
        reads: [],
      };
    });
  });
}

const NOT_YET: RegisterWrite = {
  state: ABSENT,
  start: Number.NEGATIVE_INFINITY,
  end: Number.NEGATIVE_INFINITY,
  by: "the beginning",
};

/** What may have taken it away: deletions of what it is in, of itself where it is a chat, or the dead letters. */
function removalsOf(
  { removals, deadLetters }: Scene,
  name: string,
  origin: string,
  { start }: Attempted,
): RegisterWrite[] {
  const writes = removals.of(name).map((deletion) => ({
    state: GONE,
    start: deletion.start,
    end: endOf(deletion),
    by: describe(deletion),
  }));
  const refused = { state: GONE, start, end: Number.POSITIVE_INFINITY, by: "the dead letters" };
  return deadLetters.has(origin) ? [...writes, refused] : writes;
}

function enter(register: Register, operation: Exclude<Operation, List | { kind: "create" }>): void {
  const { start, end, outcome, saw } = operation;
  const by = describe(operation);
  if (saw !== undefined) addRead(register, { state: saw, start, end, by });
  if (outcome === "failed") return;
  if (operation.kind === "get") {
    if (outcome === "ok") addRead(register, { state: operation.state, start, end, by });
  } else if (operation.kind === "edit") {
    register.writes.push({ state: operation.state, start, end: endOf(operation), by });
  } else if (!isChat(register.name)) {
    register.writes.push({ state: DELETED, start, end: endOf(operation), by });
  }
}

function readList(siblings: readonly Register[], list: List): void {
  const { start, end, from } = list;
  const by = describe(list);
  const found = new Map(list.found.map(({ name, state }) => [name, state]));
  for (const register of siblings) {
    if (numberOf(register.name) < from || register.create.start > end) continue;
    addRead(register, { state: found.get(register.name) ?? ABSENT, start, end, by });
  }
}

/** Adds what a read showed. Nothing, where that can have been before the create as well as after a removal. */
function addRead(register: Register, sight: Sight): void {
  const { create, writes, reads } = register;
  if (sight.state !== ABSENT) {
    reads.push(sight);
    return;
  }
  const maybeGone = writes.some(({ state, start }) => state === GONE && start < sight.end);
  if (!maybeGone) reads.push(sight);
  else if (create.answered < sight.start) reads.push({ ...sight, state: GONE });
}

/** The register with what is there at the end as one more read. */
export function withFinalRead(scene: Scene, register: Register, time: number): Register {
  const state = scene.shownByName.get(register.name)?.state ?? ABSENT;
  const after = { ...register, reads: [...register.reads] };
  addRead(after, { state, start: time, end: time, by: "the end" });
  return after;
}

function endOf({ outcome, end }: Operation): number {
  return outcome === "ok" ? end : Number.POSITIVE_INFINITY;
}

function describe({ kind, start, end, outcome }: Operation): string {
  return `${kind} from ${start} to ${end}${outcome === "unknown" ? ", without an answer" : ""}`;
}
