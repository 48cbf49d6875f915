import type { RecentBatch } from "../message/recent-messages.ts";
import { isToBeStored, type Numbered, type NumberedGroup } from "../numbering/numbering.ts";
import { marksOf, type PendingWrite } from "./pending-write.ts";

/** What became of a group's writes when its creates had their numbers. */
export type BuiltGroup = {
  /** Of each write: how it was numbered, and whether it is to be stored. */
  outcomes: readonly { numbered: Numbered | undefined; isStored: boolean }[];
  /** What is to be stored: parley.queue.v1.Write. */
  writes: readonly Uint8Array[];
  /** What that adds to the recent messages. */
  recents: readonly RecentBatch[];
  /** Commit marks that its creates take. */
  marks: number;
};

const MUTATION = { numbered: undefined, isStored: true };

/** Builds what is to be stored of a group; `numbered` has an outcome for each of its creates, in their order. */
export function buildGroup(writes: readonly PendingWrite[], { numbered, epoch = 0 }: NumberedGroup): BuiltGroup {
  const stored: Uint8Array[] = [];
  const recents: RecentBatch[] = [];
  let marks = 0;
  let creates = 0;
  const outcomes = writes.map((write) => {
    if (write.kind === "mutation") {
      stored.push(write.write);
      return MUTATION;
    }
    const given = numbered[creates++]!;
    if (!isToBeStored(given)) return { numbered: given, isStored: false };
    const built = write.build(given.first, given.createTimeMs, epoch);
    stored.push(built.write);
    marks += marksOf(write);
    if (built.recent) recents.push({ ...built.recent, repeated: given.kind === "repeated" });
    return { numbered: given, isStored: true };
  });
  return { outcomes, writes: stored, recents, marks };
}
