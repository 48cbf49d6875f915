import { pino } from "pino";
import { readSettings } from "../settings/settings.ts";
import { type Action, parseAction, USAGE } from "./dead-letter-arguments.ts";
import { openDeadLetterBox } from "./dead-letter-box.ts";
import { type Command, type Output, runAsProcess, runCommand } from "./run-command.ts";

/** Runs the command; resolves with its exit code. */
export function runDeadLetters(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<number> {
  const command: Command<Action> = {
    subject: "The dead letters",
    usage: USAGE,
    parse: parseAction,
    async perform(action, printLine, opened) {
      const log = pino({ level: "warn", base: undefined }, pino.destination(2));
      await action(await openDeadLetterBox(readSettings(environment), log, opened), printLine);
    },
  };
  return runCommand(command, parameters, output);
}

if (import.meta.main) await runAsProcess(runDeadLetters);
