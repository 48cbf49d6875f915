import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { RecordSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { DeadLetter, DeadLetterBox } from "../write-queue/write-queue.ts";

/** A letter that was written again, and the sequence of its new record. */
export type Replayed = { mark: CommitMark; sequence: number };

const PAGE = 100;

/** All letters there are, by mark. */
export async function listLetters(box: DeadLetterBox): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (;;) {
    const page = await box.deadLetters(letters.at(-1)?.mark ?? 0, PAGE);
    letters.push(...page);
    if (page.length < PAGE) return letters;
  }
}

/** The letter of a mark. Rejects where there is none. */
export async function findLetter(box: DeadLetterBox, mark: CommitMark): Promise<DeadLetter> {
  const [letter] = await box.deadLetters(mark - 1, 1);
  if (letter?.mark === mark) return letter;
  throw new Error(`there is no dead letter ${mark}; \`npm run dead-letters -- list\` tells which there are`);
}

/**
 * Appends a letter's write to the queue again, as a record of its own, then drops the letter. Where this is interrupted,
 * it is done again: a write that is stored twice is applied once.
 */
export async function replayLetter(box: DeadLetterBox, { mark, write }: DeadLetter): Promise<Replayed> {
  const record = create(RecordSchema, { writes: [fromBinary(WriteSchema, write)] });
  const sequence = await box.append(toBinary(RecordSchema, record), { id: `replay-${mark}` });
  await box.dropDeadLetter(mark);
  return { mark, sequence };
}

/** Drops the letter of a mark. Rejects where there is none. */
export async function dropLetter(box: DeadLetterBox, mark: CommitMark): Promise<void> {
  const { mark: found } = await findLetter(box, mark);
  await box.dropDeadLetter(found);
}
