import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Newcomer, startServer, welcomeNewcomer } from "./newcomer.ts";
import { type Command, codeOf, filesOf, readBlocks, readCommands } from "./page-blocks.ts";
import { expectPrinted } from "./printed.ts";
import { paste } from "./shell.ts";
import { hasTool } from "./tool.ts";

const PAGES = [
  "docs/rest.md",
  "docs/grpc.md",
  "docs/connect-web.md",
  "docs/clients.md",
  "docs/people.md",
  "docs/limits.md",
];
/** For the commands of a page, with the modules that they download. */
const COMMANDS_TIMEOUT_MS = 200_000;
const START_TIMEOUT_MS = 30_000;
/** ASCII's record separator, which no command prints. */
const SEPARATOR = "\x1e";

const readme = await readBlocks("README.md");
const pages = await Promise.all(PAGES.map(async (page) => ({ page, blocks: await readBlocks(page) })));

/** What each of a page's commands prints after README's tour, pasted into one shell. */
async function follow(commands: readonly Command[], { env, folder: cwd }: Newcomer): Promise<string[]> {
  const script = ["exec 2>&1\n", codeOf(readme, "tour"), ...commands.map(({ code }) => code)];
  const { stdout } = await paste("sh", script.join(`printf '\\036'\n`), { env, cwd, timeout: COMMANDS_TIMEOUT_MS });
  const printed = stdout.split(SEPARATOR).slice(2);
  if (printed.length < commands.length) throw new Error(`the shell ended early: ${printed.at(-1) ?? stdout}`);
  return printed;
}

describe.each(pages)("$page, followed after README's tour", ({ blocks }) => {
  const commands = readCommands(blocks).filter(({ tool }) => hasTool(tool));
  let printed: string[];
  let newcomer: Newcomer;
  let server: Awaited<ReturnType<typeof startServer>>;

  beforeAll(async () => {
    newcomer = await welcomeNewcomer();
    for (const { mark: file, code } of filesOf(blocks)) {
      await mkdir(dirname(join(newcomer.folder, file)), { recursive: true });
      await writeFile(join(newcomer.folder, file), code);
    }
    server = await startServer(codeOf(blocks, "start") || codeOf(readme, "start"), newcomer.env);
    printed = await follow(commands, newcomer);
  }, START_TIMEOUT_MS + COMMANDS_TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    await newcomer?.leave();
  });

  test.for(readCommands(blocks))("line $line, by $tool, prints what the page says", ({ line, output }, { skip }) => {
    const index = commands.findIndex((command) => command.line === line);
    skip(index < 0, "the tool is not here");
    expectPrinted(printed[index]!, output);
  });
});
