import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { readSettings } from "../services/settings/settings.ts";
import { type Standalone, startStandalone } from "../standalone.ts";
import { ROOMY_LIMITS } from "./roomy-limits.ts";

/**
 * A Parley in the test's own process, on free ports. Its data is in a temporary folder, which `stop` removes, unless
 * the environment has a DATA_DIR.
 */
export async function startParley(environment: Record<string, string> = {}): Promise<Standalone & { dataDir: string }> {
  const dataDir = environment.DATA_DIR ?? (await mkdtemp(join(tmpdir(), "parley-test-")));
  const own = { PORT: "0", GRPC_PORT: "0", LOG_LEVEL: "silent", ...ROOMY_LIMITS };
  const settings = readSettings({ ...own, ...environment, DATA_DIR: dataDir });
  const parley = await startStandalone(settings, pino({ level: "silent" }));
  return {
    ...parley,
    dataDir,
    stop: async () => {
      await parley.stop();
      if (environment.DATA_DIR === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
