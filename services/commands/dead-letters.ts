import { pino } from "pino";
import { loadEnvironment } from "../settings/environment.ts";
import { readSettings } from "../settings/settings.ts";
import { parseAction, USAGE } from "./dead-letter-arguments.ts";
import { openDeadLetterBox } from "./dead-letter-box.ts";
import { isUsageError } from "./usage-error.ts";

const EXIT = { done: 0, failed: 1, usage: 2 };

/** Where a command prints. */
export type Output = { print: (text: string) => void; complain: (text: string) => void };

/** Runs the command; resolves with its exit code. */
export async function runDeadLetters(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
  { print, complain }: Output,
): Promise<number> {
  await using opened = new AsyncDisposableStack();
  try {
    const action = parseAction(parameters);
    if (action === "help") {
      print(USAGE);
      return EXIT.done;
    }
    const log = pino({ level: "warn", base: undefined }, pino.destination(2));
    const box = await openDeadLetterBox(readSettings(environment), log, opened);
    await action(box, (text) => print(`${text}\n`));
    return EXIT.done;
  } catch (error) {
    const isUsage = isUsageError(error);
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    complain(isUsage ? `${message}\n\n${USAGE}` : `The dead letters: ${reason}\n`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

if (import.meta.main) {
  process.exitCode = await runDeadLetters(process.argv.slice(2), loadEnvironment(), {
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  });
}
