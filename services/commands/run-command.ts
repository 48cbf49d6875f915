import { loadEnvironment } from "../settings/environment.ts";
import { isUsageError } from "./usage-error.ts";

const EXIT = { done: 0, failed: 1, usage: 2 };

/** Where a command prints. */
export type Output = { print: (text: string) => void; complain: (text: string) => void };

/** A command that takes arguments. */
export type Command<Action> = {
  /** What it is about, at the beginning of what it complains of. */
  subject: string;
  usage: string;
  /** What its arguments ask for; throws UsageError, or what parseArgs throws. */
  parse: (parameters: readonly string[]) => Action | "help";
  /** Does it. What it opened is closed when it is over. */
  perform: (action: Action, printLine: (text: string) => void, opened: AsyncDisposableStack) => Promise<void>;
};

/** Runs a command; resolves with its exit code: 0 done, 1 not done, 2 wrong usage. */
export async function runCommand<Action>(
  { subject, usage, parse, perform }: Command<Action>,
  parameters: readonly string[],
  { print, complain }: Output,
): Promise<number> {
  await using opened = new AsyncDisposableStack();
  try {
    const action = parse(parameters);
    if (action === "help") print(usage);
    else await perform(action, (text) => print(`${text}\n`), opened);
    return EXIT.done;
  } catch (error) {
    if (isUsageError(error)) {
      complain(`${(error as Error).message}\n\n${usage}`);
      return EXIT.usage;
    }
    const { message, cause } = error as Error;
    complain(`${subject}: ${cause instanceof Error ? `${message}: ${cause.message}` : message}\n`);
    return EXIT.failed;
  }
}

/** Runs a command as the process: with its arguments, environment, output and exit code. */
export async function runAsProcess(
  run: (parameters: readonly string[], environment: NodeJS.ProcessEnv, output: Output) => Promise<number>,
): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), loadEnvironment(), {
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  });
}
