import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { FoundProgram } from "./host/program.ts";
import type { ServerPlace, ServerPlan } from "./server-plan.ts";

export type NatsOptions = {
  /** How often JetStream syncs its files to the disk: `always` (default), or an interval such as `2m`. */
  syncInterval?: string;
  /** How much JetStream may store, in bytes. Default: 4 GiB. */
  maxFileStore?: number;
  /** Makes it one of a cluster: its name in there, the port for the others, and every member's such port. */
  cluster?: { member: string; port: number; routes: readonly number[] };
  /** Lines of the configuration that come last. */
  settings?: readonly string[];
};

/** What NATS servers have beside what all have. */
export type NatsExtra = { /** The value for NATS_MONITOR_URL. */ monitorUrl: string };

const GIBIBYTE = 2 ** 30;
const CONFIG = "nats.conf";

function clusterLines({ member, port, routes }: NonNullable<NatsOptions["cluster"]>): string[] {
  const urls = routes.map((route) => `"nats://127.0.0.1:${route}"`);
  return [`server_name: ${member}`, `cluster { name: parley, listen: "127.0.0.1:${port}", routes: [${urls}] }`];
}

/** A NATS of its own with JetStream, whose configuration is `nats.conf` in its folder and whose data is in `data`. */
export async function planNats(
  { folder, port }: ServerPlace,
  program: FoundProgram,
  { syncInterval = "always", maxFileStore = 4 * GIBIBYTE, cluster, settings = [] }: NatsOptions,
): Promise<ServerPlan<NatsExtra>> {
  const monitor = await freePort();
  const lines = [
    `listen: "127.0.0.1:${port}"`,
    `http: "127.0.0.1:${monitor}"`,
    "jetstream {",
    `  store_dir: "${join(folder, "data")}"`,
    `  sync_interval: ${syncInterval}`,
    `  max_file_store: ${maxFileStore}`,
    "}",
    ...(cluster ? clusterLines(cluster) : []),
    ...settings,
  ];
  await writeFile(join(folder, CONFIG), `${lines.join("\n")}\n`);
  const monitorUrl = `http://127.0.0.1:${monitor}`;
  return {
    url: `nats://127.0.0.1:${port}`,
    preparations: [],
    command: { program: program.path, parameters: ["--config", join(folder, CONFIG)] },
    answers: async () => (await fetch(`${monitorUrl}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok,
    extra: { monitorUrl },
  };
}
