import type { History } from "./history.ts";
import { ABSENT, DELETED } from "./resource.ts";
import { attempt, CHAT, deletion, edit, eventsOf, get, item, list, message, storedOf, tell } from "./tale.ts";
import type { ViolationKind } from "./violation.ts";

const [A, B, C] = ["a.0", "b.0", "c.0"] as const;
const GONE_CHAT = { counts: [], subscribers: [] };
const one = [attempt("a", [0, 1], [1])];
const two = [attempt("a", [0, 1], [1]), attempt("b", [2, 3], [2])];
const both = [item(1, A), item(2, B)];
/** Histories that break one promise, by what is wrong with them. */
export const VIOLATING_HISTORIES: Record<string, { kind: ViolationKind; history: History }> = {
  "an answered create is not there": { kind: "lost", history: tell(one, []) },
  "an answered create is there as another": {
    kind: "lost",
    history: tell([...one, attempt("b", [0, 1], [])], [item(1, B)]),
  },
  "a batch is there in part": { kind: "lost", history: tell([attempt("a", [0, 1], [], { count: 2 })], [item(1, A)]) },
  "what a read saw is not there": {
    kind: "lost",
    history: tell([attempt("a", [0, 1], []), list(1, [item(1, A)], [0, 1]), list(1, [item(1, A)], [2, 3])], [], {
      subscribers: [[]],
    }),
  },
  "an answered edit is not there": {
    kind: "lost",
    history: tell([...one, edit(1, "new", [2, 3])], [item(1, A)], {
      subscribers: [[...eventsOf([item(1, A, "new")]), { ...item(1, A), kind: "changed", mark: 9 }]],
    }),
  },
  "two edits of one etag were answered": {
    kind: "lost",
    history: tell(
      [...one, edit(1, "x", [2, 9], { etag: "e" }), edit(1, "y", [3, 8], { etag: "e" })],
      [item(1, A, "y")],
      { subscribers: [] },
    ),
  },
  "an answered deletion is not there": {
    kind: "lost",
    history: tell([...one, deletion(message(1), [2, 3])], [item(1, A)], { subscribers: [] }),
  },
  "an answered create is not in the database": { kind: "lost", history: tell(one, [item(1, A)], { rows: [] }) },
  "an answered edit is not in the database": {
    kind: "lost",
    history: tell([...one, edit(1, "new", [2, 3])], [item(1, A, "new")], { rows: [item(1, A)] }),
  },
  "an answered create is not in the index": { kind: "lost", history: tell(one, [item(1, A)], { indexed: [] }) },
  "a tombstone is in the index": {
    kind: "duplicated",
    history: tell([...one, deletion(message(1), [2, 3])], [item(1, A, DELETED)], { indexed: [item(1, A)] }),
  },
  "a count is too low": { kind: "lost", history: tell(one, [item(1, A)], { counts: [{ name: CHAT, count: 0 }] }) },
  "a count is too high": {
    kind: "duplicated",
    history: tell(one, [item(1, A)], { counts: [{ name: CHAT, count: 2 }] }),
  },
  "a subscriber missed a create": { kind: "lost", history: tell(one, [item(1, A)], { subscribers: [[]] }) },
  "a subscriber missed an edit that was edited again": {
    kind: "lost",
    history: tell([...one, edit(1, "x", [2, 3]), edit(1, "y", [4, 5])], [item(1, A, "y")]),
  },
  "a subscriber saw what is not there": {
    kind: "lost",
    history: tell([attempt("a", [0, 1], [])], [], { subscribers: [eventsOf([item(1, A)])] }),
  },
  "a retry was refused as another request": {
    kind: "lost",
    history: tell(
      [
        attempt("a", [0, 1], [1], { requestId: "r" }),
        attempt("a", [2, 3], [], { requestId: "r", outcome: "failed", code: "AlreadyExists" }),
      ],
      [item(1, A)],
    ),
  },
  "a create began after the deletion of its chat was answered": {
    kind: "lost",
    history: tell([deletion(CHAT, [0, 1]), attempt("a", [2, 3], [1])], [], GONE_CHAT),
  },
  "a create is a dead letter for no reason": {
    kind: "lost",
    history: tell(one, [], { deadLetters: [A], subscribers: [] }),
  },
  "a chat is gone though its deletion was refused": {
    kind: "lost",
    history: tell([...one, deletion(CHAT, [2, 3], { outcome: "failed" })], [], GONE_CHAT),
  },
  "a number was given twice": {
    kind: "duplicated",
    history: tell([...one, attempt("poison", [0, 1], [1])], [item(1, A)], { deadLetters: ["poison.0"] }),
  },
  "a create is there twice": {
    kind: "duplicated",
    history: tell([attempt("a", [0, 1], []), attempt("b", [0, 1], [])], [item(1, A), item(2, A)]),
  },
  "a number is there twice": {
    kind: "duplicated",
    history: tell(one, [item(1, A)], {
      ...storedOf([item(1, A), item(1, A)]),
      rows: [item(1, A)],
      indexed: [item(1, A)],
    }),
  },
  "a retry was told another number": {
    kind: "duplicated",
    history: tell(
      [attempt("a", [0, 1], [1], { requestId: "r" }), attempt("a", [2, 3], [2], { requestId: "r" })],
      [item(1, A)],
    ),
  },
  "a request_id made two": {
    kind: "duplicated",
    history: tell([attempt("a", [0, 1], [1], { requestId: "r" }), attempt("b", [2, 3], [2], { requestId: "r" })], both),
  },
  "a create that was refused is there": {
    kind: "duplicated",
    history: tell([attempt("a", [0, 1], [], { outcome: "failed" })], [item(1, A)]),
  },
  "something is there that nobody created": {
    kind: "duplicated",
    history: tell([attempt("b", [0, 9], [])], [item(1, "x.0")]),
  },
  "a row is in the database twice": {
    kind: "duplicated",
    history: tell(one, [item(1, A)], { rows: [item(1, A), item(1, A)] }),
  },
  "a subscriber saw a create twice": {
    kind: "duplicated",
    history: tell(one, [item(1, A)], { subscribers: [[...eventsOf([item(1, A)]), ...eventsOf([item(1, A)])]] }),
  },
  "a later create has the lower number": {
    kind: "reordered",
    history: tell([attempt("a", [0, 1], [2]), attempt("b", [2, 3], [1])], [item(1, B), item(2, A)]),
  },
  "a later create without an answer has the lower number": {
    kind: "reordered",
    history: tell([attempt("a", [0, 1], [2]), attempt("b", [2, 3], [])], [item(1, B), item(2, A)]),
  },
  "the numbers of a batch are not consecutive": {
    kind: "reordered",
    history: tell([attempt("a", [0, 9], [1, 3]), attempt("c", [1, 8], [2])], [item(1, A), item(2, C), item(3, "a.1")]),
  },
  "a subscriber saw creates out of order": {
    kind: "reordered",
    history: tell(two, both, { subscribers: [eventsOf(both).toReversed()] }),
  },
  "a subscriber saw an edit before its create": {
    kind: "reordered",
    history: tell([...one, edit(1, "new", [2, 3])], [item(1, A, "new")], {
      subscribers: [
        [
          { ...item(1, A, "new"), kind: "changed", mark: 5 },
          { ...item(1, A), kind: "created", mark: 1 },
          { ...item(1, A, "new"), kind: "changed", mark: 6 },
        ],
      ],
    }),
  },
  "a get after the answer finds nothing": {
    kind: "staleReads",
    history: tell([...one, get(1, ABSENT, [2, 3])], [item(1, A)]),
  },
  "a page after the answer lacks it": {
    kind: "staleReads",
    history: tell([...one, list(1, [], [2, 3])], [item(1, A)]),
  },
  "a get after an edit sees the old text": {
    kind: "staleReads",
    history: tell([...one, edit(1, "new", [2, 3]), get(1, A, [4, 5])], [item(1, A, "new")]),
  },
  "a page after a deletion has the text": {
    kind: "staleReads",
    history: tell([...one, deletion(message(1), [2, 3]), list(1, [item(1, A)], [4, 5])], [item(1, A, DELETED)]),
  },
  "a read goes back behind another": {
    kind: "staleReads",
    history: tell([...one, edit(1, "new", [2, 9]), get(1, "new", [3, 4]), get(1, A, [5, 6])], [item(1, A, "new")]),
  },
  "a read shows what nobody wrote": { kind: "staleReads", history: tell([...one, get(1, "x", [2, 3])], [item(1, A)]) },
  "an edit after the answer finds nothing": {
    kind: "staleReads",
    history: tell([...one, edit(1, "x", [2, 3], { outcome: "failed", saw: ABSENT })], [item(1, A)]),
  },
  "a message is read in a chat that is gone": {
    kind: "staleReads",
    history: tell([...one, deletion(CHAT, [2, 3]), get(1, A, [4, 5])], [], GONE_CHAT),
  },
  "a number is missing of a create that began after the epoch": {
    kind: "holes",
    history: tell([attempt("a", [6, 9], [2])], [item(2, A)], { epochs: [5] }),
  },
  "a number is missing though all creates were answered": {
    kind: "holes",
    history: tell([attempt("a", [0, 1], [2])], [item(2, A)]),
  },
};
