import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject } from "vitest";
import type { Output } from "../launched-program.ts";
import { runsOnServers } from "../open-parley.ts";
import { createDataDir, startParleyProcess } from "../parley-process.ts";
import { startProduction } from "../production/production.ts";
import type { Addresses } from "../protocols.ts";
import { askForServers } from "../servers/shared/server-desk.ts";

/** A Parley in processes of its own that logs all that it can. */
export type TalkativeParley = Addresses & {
  adminKey: string;
  /** Ends it in order; resolves with what all of its processes said. */
  end(): Promise<Output>;
};

const LOG_LEVEL = "trace";

export function openTalkative(): Promise<TalkativeParley> {
  return runsOnServers ? openTalkativeProduction() : openTalkativeProcess();
}

async function openTalkativeProcess(): Promise<TalkativeParley> {
  const dataDir = await createDataDir();
  const file = join(dataDir.path, "parley.log");
  const parley = await startParleyProcess(dataDir.path, { LOG_LEVEL, LOG_FILE: file });
  return {
    ...parley,
    async end() {
      expect(await parley.end("SIGTERM")).toBe(0);
      expect(await readFile(file, "utf8")).toBe(parley.output.stdout);
      await dataDir.remove();
      return parley.output;
    },
  };
}

async function openTalkativeProduction(): Promise<TalkativeParley> {
  const servers = await askForServers(inject("serverDesk"));
  const production = await startProduction({ servers, environment: { LOG_LEVEL } });
  return {
    ...production,
    async end() {
      const all = Object.values(production.processes);
      expect(await Promise.all(all.map((each) => each.kill("SIGTERM")))).toEqual(all.map(() => 0));
      const logs = await Promise.all(all.map(({ plan }) => readFile(plan.logFile, "utf8")));
      await production.close();
      return { stdout: logs.join(""), stderr: "" };
    },
  };
}
