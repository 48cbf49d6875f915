import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { findHost } from "./host/find-host.ts";
import { type FolderGuard, guardFolder } from "./host/folder-guard.ts";
import type { ServerHost } from "./host/server-host.ts";
import { RunningServer, readLogEnd } from "./running-server.ts";
import type { Command } from "./server-plan.ts";
import { type ExtraByKind, type OptionsByKind, SERVER_PROFILES, type ServerKind } from "./server-profiles.ts";

export { MissingServerError } from "./host/missing-server-error.ts";
export type { OptionsByKind, ServerKind } from "./server-profiles.ts";

/** A server that was started here, for whoever may end it. */
export type RealServer = {
  kind: ServerKind;
  /** The value for MYSQL_URL, REDIS_URL, NATS_URL or ELASTICSEARCH_URL. */
  url: string;
  port: number;
  /** Of the process now running; signals go by `kill`, since it may have others below it. */
  readonly pid: number;
  /** Ends it by a signal, SIGKILL by default; resolves when it is gone, or at once for SIGSTOP and SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data; resolves when it answers. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Its folder, for tests that replace files such as `data/dump.rdb` while it is down. */
  folder: string;
};

export type RealServerOf<K extends ServerKind> = RealServer & ExtraByKind[K];

async function runToEnd(host: ServerHost, command: Command, folder: string, guard: FolderGuard): Promise<void> {
  const { ended, ending } = await host.launch(command, folder);
  guard.expect(ending);
  const code = await ended;
  if (code !== 0) throw new Error(`${command.program} ended with ${code}:\n${await readLogEnd(folder)}`);
}

async function startIn<K extends ServerKind>(
  kind: K,
  options: OptionsByKind[K],
  host: ServerHost,
  folder: string,
  guard: FolderGuard,
): Promise<RealServerOf<K>> {
  await mkdir(join(folder, "tmp"));
  const port = await freePort();
  const plan = await SERVER_PROFILES[kind].plan({ folder, port }, host.program, options);
  await host.give(folder);
  for (const command of plan.preparations) await runToEnd(host, command, folder, guard);
  const server = new RunningServer(host, plan, folder, guard);
  await server.start();
  const real: RealServer = Object.assign(server, { kind, url: plan.url, port });
  return Object.assign(real, plan.extra);
}

/**
 * Starts a server of one's own on a free port, with its data in a temporary folder. It ends with this process, if
 * `stop` did not end it before.
 *
 * @throws MissingServerError where it cannot be had here
 */
export async function startServer<K extends ServerKind>(
  kind: K,
  options: OptionsByKind[K] = {},
): Promise<RealServerOf<K>> {
  const host = await findHost(kind, SERVER_PROFILES[kind], process.env, process.env.CI === "true");
  const folder = await mkdtemp(join(tmpdir(), `parley-${kind}-`));
  const guard = guardFolder(folder);
  try {
    return await startIn(kind, options, host, folder, guard);
  } catch (error) {
    await guard.release();
    throw error;
  }
}
