/**
 * A commit mark: (sequence of a record, index of a write in it) as one number that rises in queue order. Safe as a
 * JavaScript number up to sequence 2⁴¹.
 */
export type CommitMark = number;

/** How many marks a record has; a group is closed before it needs more. */
export const MARKS_PER_RECORD = 4_096;

/** The mark of the write at an index of a record. */
export function commitMark(sequence: number, index: number): CommitMark {
  return sequence * MARKS_PER_RECORD + index;
}

/** The sequence of the record that a mark lies in. */
export function sequenceOf(mark: CommitMark): number {
  return Math.floor(mark / MARKS_PER_RECORD);
}

/** The mark that follows every write of a record: the position of whoever is done with it. */
export function endOfRecord(sequence: number): CommitMark {
  return commitMark(sequence, MARKS_PER_RECORD - 1);
}

/** The sequence of the last record of which a position has passed every write. */
export function sequenceBefore(position: CommitMark): number {
  return Math.max(0, Math.floor((position + 1) / MARKS_PER_RECORD) - 1);
}
