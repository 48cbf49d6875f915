import { parseArgs } from "node:util";
import type { DeadLetterBox } from "../write-queue/write-queue.ts";
import { dropLetter, findLetter, listLetters, type Replayed, replayLetter } from "./dead-letter-actions.ts";
import { detail, formatList, summarize } from "./dead-letter-text.ts";
import { UsageError } from "./usage-error.ts";

/** What `--help` prints. */
export const USAGE = `Dead letters are writes that were accepted and that the database refused for their data.

  npm run dead-letters -- list [--json]            what there is: mark, time, kind, resource, the database's reason
  npm run dead-letters -- show MARK                one of them whole, as JSON
  npm run dead-letters -- replay MARK [--json]     writes it again: it is appended to the write queue, then dropped
  npm run dead-letters -- replay --all [--json]    all that there are now
  npm run dead-letters -- drop MARK --yes          forgets it for good; its callers were told that it was stored

They are in NATS where NATS_URL is set; else in DATA_DIR, whose server must be stopped, and writes what was replayed when
it starts. What is refused again becomes a dead letter again, under a new mark. A replay that was interrupted can be
repeated.

Exit codes: 0 done; 1 not done, stderr says why; 2 wrong usage.
`;

/** What to do with the dead letters, and to tell of it, as it is done. */
export type Action = (box: DeadLetterBox, print: (text: string) => void) => Promise<void>;

function parseMark(text: string | undefined): number {
  if (text !== undefined && /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new UsageError(
    text === undefined ? "say which: MARK" : `${JSON.stringify(text)} is not the mark of a dead letter`,
  );
}

const toJsonText = (value: unknown) => JSON.stringify(value, undefined, 2);

function listAction(asJson: boolean): Action {
  return async (box, print) => {
    const letters = (await listLetters(box)).map(summarize);
    print(asJson ? toJsonText(letters) : formatList(letters));
  };
}

function showAction(mark: number): Action {
  return async (box, print) => print(toJsonText(detail(await findLetter(box, mark))));
}

function replayAction(mark: number | undefined, asJson: boolean): Action {
  return async (box, print) => {
    const letters = mark === undefined ? await listLetters(box) : [await findLetter(box, mark)];
    const replayed: Replayed[] = [];
    for (const letter of letters) {
      const done = await replayLetter(box, letter);
      replayed.push(done);
      if (!asJson) print(`${done.mark} is record ${done.sequence} of the write queue now`);
    }
    if (asJson) print(toJsonText(replayed));
    else if (replayed.length === 0) print("there are no dead letters");
  };
}

function dropAction(mark: number, confirmed: boolean): Action {
  if (!confirmed) throw new UsageError("nothing was dropped; it cannot be undone, so repeat it with --yes");
  return async (box, print) => {
    await dropLetter(box, mark);
    print(`${mark} is dropped`);
  };
}

/** Reads the arguments. Throws a UsageError, or what parseArgs throws. */
export function parseAction(parameters: readonly string[]): Action | "help" {
  const flags = {
    json: { type: "boolean" },
    all: { type: "boolean" },
    yes: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  const { values, positionals } = parseArgs({ args: [...parameters], options: flags, allowPositionals: true });
  const { json = false, all = false, yes = false, help = false } = values;
  const [verb, mark, ...rest] = positionals;
  if (help) return "help";
  if (rest.length > 0) throw new UsageError(`${JSON.stringify(rest[0])} is too much`);
  if (verb === "list" && mark === undefined) return listAction(json);
  if (verb === "show") return showAction(parseMark(mark));
  if (verb === "replay" && (!all || mark === undefined)) return replayAction(all ? undefined : parseMark(mark), json);
  if (verb === "drop") return dropAction(parseMark(mark), yes);
  throw new UsageError(verb === undefined ? "say what to do" : `cannot do ${JSON.stringify(positionals.join(" "))}`);
}
