import { fromBinary, toJson } from "@bufbuild/protobuf";
import { type Mutation, type Write, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import type { DeadLetter } from "../write-queue/write-queue.ts";

/** What a list says of a letter. */
export type LetterSummary = { mark: number; time: string; reason: string; kind: string; name: string };

export function summarize({ mark, timeMs, reason, write }: DeadLetter): LetterSummary {
  return { mark, time: new Date(timeMs).toISOString(), reason, ...describe(fromBinary(WriteSchema, write)) };
}

/** A letter with its write as the JSON of Protobuf. */
export function detail(letter: DeadLetter): object {
  const { mark, timeMs, reason, write } = letter;
  return {
    mark,
    time: new Date(timeMs).toISOString(),
    reason,
    write: toJson(WriteSchema, fromBinary(WriteSchema, write)),
  };
}

/** One line for each letter, under a heading. */
export function formatList(letters: readonly LetterSummary[]): string {
  if (letters.length === 0) return "there are no dead letters";
  const rows = letters.map(({ mark, time, kind, name, reason }) => [String(mark), time, kind, name, oneLine(reason)]);
  const table = [["MARK", "TIME", "KIND", "NAME", "REASON"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

/** A list shows as much of a reason, in UTF-16 code units. */
const REASON_MAX = 100;

function oneLine(reason: string): string {
  const text = reason.replaceAll(/\s+/g, " ");
  return text.length > REASON_MAX ? `${text.slice(0, REASON_MAX - 1)}…` : text;
}

/** What a write is, and the resource that it is about. */
function describe({ kind }: Write): { kind: string; name: string } {
  switch (kind.case) {
    case "createChat":
      return { kind: kind.case, name: kind.value.chat?.name ?? "" };
    case "createMessages": {
      const { messages } = kind.value;
      const more = messages.length > 1 ? ` and ${messages.length - 1} more` : "";
      return { kind: kind.case, name: `${messages[0]?.name ?? ""}${more}` };
    }
    case "mutation":
      return { kind: kind.value.kind.case ?? kind.case, name: nameOfMutation(kind.value) };
    default:
      return { kind: kind.case ?? "", name: "" };
  }
}

function nameOfMutation({ kind }: Mutation): string {
  switch (kind.case) {
    case "updateMessage":
      return kind.value.message?.name ?? "";
    case "updateChat":
      return kind.value.chat?.name ?? "";
    case "changeMembers":
      return kind.value.chat;
    default:
      return kind.value?.name ?? "";
  }
}
