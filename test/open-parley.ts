import { inject } from "vitest";
import { startParley } from "./parley-in-process.ts";
import { createDataDir, startParleyProcess } from "./parley-process.ts";
import { startProduction } from "./production/production.ts";
import { askForProduction, askForRestart } from "./production/shared/production-desk.ts";
import { areShared } from "./production/shared/shared-settings.ts";
import type { Addresses } from "./protocols.ts";
import { askForServers } from "./servers/shared/server-desk.ts";

/** The Parley that a suite runs on. */
export type Parley = Readonly<Addresses> & {
  readonly adminKey: string;
  /** Ends it in order and starts it again on its data, maybe at other addresses. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

/** The project `production` runs suites of `test/integration` a second time, on servers. */
const isOnServers = process.env.TEST_PARLEY === "production";

/** The servers that are missing, where a suite should run on them: then its tests are skipped. Under CI they fail. */
export const missingServers =
  isOnServers && process.env.CI !== "true" ? Object.keys(inject("serverAvailability").shared) : [];

/** Whether suites run on servers, and not on the embedded adapters. */
export const runsOnServers = isOnServers && missingServers.length === 0;

/**
 * Opens a Parley with these settings. On servers it is one that suites share where the settings allow it; suites keep
 * apart by applications of their own.
 */
export function openParley(environment: Record<string, string> = {}): Promise<Parley> {
  if (!runsOnServers) return openEmbedded(environment);
  return areShared(environment) ? openShared() : openProduction(environment);
}

/** The same, in processes of its own. */
export async function openParleyProcess(): Promise<Omit<Parley, "restart">> {
  if (runsOnServers) return openParley();
  const dataDir = await createDataDir();
  const { end, ...parley } = await startParleyProcess(dataDir.path);
  return {
    ...parley,
    async close() {
      await end("SIGKILL");
      await dataDir.remove();
    },
  };
}

async function openEmbedded(environment: Record<string, string>): Promise<Parley> {
  const dataDir = await createDataDir();
  const start = () => startParley({ ...environment, DATA_DIR: dataDir.path });
  let parley = await start();
  return {
    get address() {
      return parley.address;
    },
    get grpcAddress() {
      return parley.grpcAddress;
    },
    adminKey: parley.adminKey,
    async restart() {
      await parley.stop();
      parley = await start();
    },
    async close() {
      await parley.stop();
      await dataDir.remove();
    },
  };
}

async function openShared(): Promise<Parley> {
  const desk = inject("productionDesk");
  const shared = await askForProduction(desk);
  return { ...shared, restart: () => askForRestart(desk), close: async () => undefined };
}

async function openProduction(environment: Record<string, string>): Promise<Parley> {
  return startProduction({ servers: await askForServers(inject("serverDesk")), environment });
}
