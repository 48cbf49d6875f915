import type { History } from "./history.ts";
import { ABSENT, DELETED } from "./resource.ts";
import { APPLICATION, attempt, CHAT, deletion, edit, eventsOf, get, item, list, message, tell } from "./tale.ts";

const HOUR = 3_600_000;
const [A, B] = ["a.0", "b.0"] as const;
const GONE_CHAT = { counts: [], subscribers: [] };
const one = [attempt("a", [0, 1], [1])];
/** Histories that keep every promise, by what happens in them. */
export const CORRECT_HISTORIES: Record<string, History> = {
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
  "a hole where a create was under way when an epoch ended": tell([attempt("a", [0, 9], [2])], [item(2, A)], {
    epochs: [5],
  }),
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
