import { parseArgs } from "node:util";
import { environmentOf } from "./address.ts";
import { MissingServerError } from "./host/missing-server-error.ts";
import { SERVER_KINDS } from "./server-profiles.ts";
import { readAvailability } from "./shared/availability.ts";
import { SharedServers } from "./shared/shared-servers.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const HOUR_MS = 3_600_000;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The lines of a shell that set the environment in which the servers are used. */
async function startAll(servers: SharedServers): Promise<string> {
  const started = SERVER_KINDS.map(async (kind) => environmentOf(kind, await servers.address(kind)));
  const environment = Object.assign({}, ...(await Promise.all(started))) as Record<string, string>;
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join("");
}

/** Waits for the first signal. Those before and after it end the process at once, and what it started with it. */
async function firstSignal(): Promise<void> {
  // Waiting for a signal alone does not keep a process.
  const hold = setInterval(() => undefined, HOUR_MS);
  await new Promise<void>((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
  clearInterval(hold);
}

/** Starts a server of each kind that the environment has no address of, and holds them until it is told to end. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { install: { type: "boolean", default: false } } });
  const { shared } = await readAvailability(process.env, values.install || process.env.CI === "true");
  const missing = Object.values(shared);
  if (missing.length > 0) throw new MissingServerError(missing.join("\n"));
  const servers = new SharedServers(process.env);
  try {
    tell(`Starting ${SERVER_KINDS.join(", ")}, which takes Elasticsearch up to a minute.`);
    const lines = await startAll(servers);
    const told = firstSignal();
    process.stdout.write(lines);
    tell("Ready. The lines above set the environment in which Parley uses them; Ctrl-C ends and removes them.");
    await told;
  } finally {
    await servers.stop();
  }
}

main().catch((error: Error) => {
  tell(error.message);
  process.exitCode = 1;
});
