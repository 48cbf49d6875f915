import { expect, test } from "vitest";
import { checkHistory } from "./check-history.ts";
import type { History } from "./history.ts";
import { ABSENT, DELETED } from "./resource.ts";
import {
  APPLICATION,
  attempt,
  CHAT,
  deletion,
  edit,
  eventsOf,
  get,
  item,
  list,
  message,
  storedOf,
  tell,
} from "./tale.ts";
import type { ViolationKind } from "./violation.ts";

const HOUR = 3_600_000;
const [A, B, C] = ["a.0", "b.0", "c.0"] as const;
/** A body that says poison may be refused by the database. */
const OPTIONS = { requestTtlMs: HOUR, isPoison: (state: string) => state.startsWith("poison") };
const GONE_CHAT = { counts: [], subscribers: [] };

const one = [attempt("a", [0, 1], [1])];
const two = [attempt("a", [0, 1], [1]), attempt("b", [2, 3], [2])];
const both = [item(1, A), item(2, B)];

const GOOD: Record<string, History> = {
  "nothing happened": tell([], []),
  "a create, read by number and on a page": tell(
    [attempt("a", [0, 1], [1]), get(1, A, [2, 3]), list(1, [item(1, A)], [2, 3])],
    [item(1, A)],
  ),
  "creates at the same time with their numbers inverted": tell(
    [attempt("a", [0, 9], [2]), attempt("b", [1, 8], [1])],
    [item(1, B), item(2, A)],
  ),
  "a create without an answer that is there": tell([attempt("a", [0, 1], [])], [item(1, A)]),
  "a create without an answer that is not there": tell([attempt("a", [0, 1], [])], []),
  "a create without an answer, seen before it ended": tell(
    [attempt("a", [0, 9], []), list(1, [item(1, A)], [1, 2])],
    [item(1, A)],
  ),
  "a hole where a create failed": tell(
    [attempt("a", [0, 1], [], { outcome: "failed" }), attempt("b", [2, 3], [2])],
    [item(2, B)],
  ),
  "a retry that is told the same": tell(
    [
      attempt("a", [0, 1], [], { requestId: "r" }),
      attempt("a", [2, 3], [1], { requestId: "r" }),
      attempt("a", [4, 5], [1], { requestId: "r" }),
    ],
    [item(1, A)],
  ),
  "a request_id used again after its time": tell(
    [attempt("a", [0, 1], [1], { requestId: "r" }), attempt("b", [HOUR, HOUR + 1], [2], { requestId: "r" })],
    [item(1, A), item(2, B)],
  ),
  "a request_id of which only one create was taken": tell(
    [
      attempt("a", [0, 1], [1], { requestId: "r" }),
      attempt("b", [2, 3], [], { requestId: "r", outcome: "failed", code: "AlreadyExists" }),
    ],
    [item(1, A)],
  ),
  "an edit without an answer that is there": tell(
    [attempt("a", [0, 1], [1]), edit(1, "new", [2, 3], { outcome: "unknown" })],
    [item(1, A, "new")],
  ),
  "an edit without an answer that is not there": tell(
    [attempt("a", [0, 1], [1]), edit(1, "new", [2, 3], { outcome: "unknown" })],
    [item(1, A)],
  ),
  "an edit without an answer that has its effect late": tell(
    [
      attempt("a", [0, 1], [1]),
      edit(1, "new", [2, 3], { outcome: "unknown" }),
      get(1, A, [50, 51]),
      get(1, "new", [60, 61]),
    ],
    [item(1, A, "new")],
  ),
  "edits at the same time, either of which may be last": tell(
    [attempt("a", [0, 1], [1]), edit(1, "x", [2, 9], {}), edit(1, "y", [3, 8], {})],
    [item(1, A, "x")],
    {
      subscribers: [
        [
          ...eventsOf([item(1, A)]),
          { ...item(1, A, "y"), kind: "changed", mark: 5 },
          { ...item(1, A, "x"), kind: "changed", mark: 6 },
        ],
      ],
    },
  ),
  "reads during an edit that see the old and then the new": tell(
    [attempt("a", [0, 1], [1]), edit(1, "new", [2, 9]), get(1, A, [3, 4]), get(1, "new", [5, 6])],
    [item(1, A, "new")],
  ),
  "an edit of an etag, and another that was refused": tell(
    [
      ...one,
      edit(1, "new", [2, 3], { etag: "e" }),
      edit(1, "other", [4, 5], { etag: "e", outcome: "failed", code: "Aborted" }),
    ],
    [item(1, A, "new")],
  ),
  "a deletion, repeated": tell(
    [attempt("a", [0, 1], [1]), deletion(message(1), [2, 5]), deletion(message(1), [3, 4]), get(1, DELETED, [6, 7])],
    [item(1, A, DELETED)],
  ),
  "a page that ends above a message": tell(
    [attempt("a", [0, 1], [1]), attempt("b", [2, 3], [2]), list(2, [item(2, B)], [4, 5])],
    [item(1, A), item(2, B)],
  ),
  "a page read while a create is under way": tell([attempt("a", [0, 9], [1]), list(1, [], [1, 2])], [item(1, A)]),
  "a chat that was deleted with its messages": tell(
    [attempt("a", [0, 1], [1]), deletion(CHAT, [2, 3]), get(1, ABSENT, [4, 5])],
    [],
    GONE_CHAT,
  ),
  "a chat whose deletion had no answer, and is gone": tell(
    [attempt("a", [0, 1], [1]), deletion(CHAT, [2, 3], { outcome: "unknown" })],
    [],
    GONE_CHAT,
  ),
  "a chat whose deletion had no answer, and is there": tell(
    [attempt("a", [0, 1], [1]), deletion(CHAT, [2, 3], { outcome: "unknown" })],
    [item(1, A)],
  ),
  "a create that was answered while its chat was deleted": tell(
    [deletion(CHAT, [0, 9]), attempt("a", [1, 5], [1])],
    [],
    GONE_CHAT,
  ),
  "an application that was deleted with its chats": tell(
    [attempt("a", [0, 1], [1]), attempt("b", [2, 3], [1], { parent: APPLICATION }), deletion(APPLICATION, [4, 5])],
    [],
    GONE_CHAT,
  ),
  "a dead letter": tell([attempt("poison", [0, 1], [1]), get(1, "poison.0", [2, 3]), list(1, [], [4, 5])], [], {
    deadLetters: ["poison.0"],
    subscribers: [eventsOf([item(1, "poison.0")])],
  }),
};

test.each(Object.entries(GOOD))("passes: %s", (_, history) => {
  expect(checkHistory(history, OPTIONS)).toEqual([]);
});

const BAD: Record<string, { kind: ViolationKind; history: History }> = {
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
  "a number is missing though all creates were answered": {
    kind: "holes",
    history: tell([attempt("a", [0, 1], [2])], [item(2, A)]),
  },
};

test.each(Object.entries(BAD))("finds: %s", (_, { kind, history }) => {
  const violations = checkHistory(history, OPTIONS);
  expect([...new Set(violations.map((violation) => violation.kind))], JSON.stringify(violations)).toEqual([kind]);
});
