import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pino } from "pino";
import { openStores } from "../embedded/stores.ts";
import { openMysqlDatabase } from "../mysql/mysql-database.ts";
import { readSettings, requireSettings, type Settings } from "../settings/settings.ts";
import { SigningKeyStore } from "../token/signing-key-store.ts";
import { loadTokenSecret } from "../token/token-secret.ts";
import { type Command, type Output, runAsProcess, runCommand } from "./run-command.ts";
import { type Action, parseAction, USAGE } from "./token-key-arguments.ts";

/** Runs the command; resolves with its exit code. */
export function runTokenKeys(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<number> {
  const command: Command<Action> = {
    subject: "The token keys",
    usage: USAGE,
    parse: parseAction,
    async perform(action, printLine, opened) {
      const settings = readSettings(environment);
      await action(await openKeys(settings, opened), settings.TOKEN_KEY_LEAD, printLine);
    },
  };
  return runCommand(command, parameters, output);
}

/** The keys in MySQL where MYSQL_URL is set, else those of the embedded server, which must be stopped. */
async function openKeys(settings: Settings, opened: AsyncDisposableStack): Promise<SigningKeyStore> {
  const { MYSQL_URL, DATA_DIR, TOKEN_SECRET } = settings;
  if (MYSQL_URL !== undefined) {
    const { TOKEN_SECRET: secret } = requireSettings(settings, "npm run token-keys with MYSQL_URL", ["TOKEN_SECRET"]);
    const database = await openMysqlDatabase({ ...settings, MYSQL_URL });
    opened.defer(() => database.close());
    return new SigningKeyStore(database, secret);
  }
  await access(join(DATA_DIR, "parley.sqlite")).catch(() => {
    throw new Error(`DATA_DIR ${resolve(DATA_DIR)} holds no parley.sqlite; set DATA_DIR, or MYSQL_URL`);
  });
  const log = pino({ level: "warn", base: undefined }, pino.destination(2));
  const { database } = await openStores(settings, log, opened);
  return new SigningKeyStore(database, await loadTokenSecret(TOKEN_SECRET, DATA_DIR));
}

if (import.meta.main) await runAsProcess(runTokenKeys);
