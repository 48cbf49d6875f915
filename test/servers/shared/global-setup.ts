import type { TestProject } from "vitest/node";
import { type Availability, readAvailability } from "./availability.ts";
import { openServerDesk } from "./server-desk.ts";
import { SharedServers } from "./shared-servers.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where suites ask for shared servers. */
    serverDesk: string;
    serverAvailability: Availability;
  }
}

/** Makes servers available to all suites of a run; resolves with what ends them. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const servers = new SharedServers(process.env);
  const availability = await readAvailability(process.env, process.env.CI === "true");
  provide("serverAvailability", availability);
  for (const reason of Object.values(availability.own)) process.stderr.write(`${reason}.\n`);
  const desk = await openServerDesk(servers);
  provide("serverDesk", desk.url);
  return async () => {
    await desk.close();
    await servers.stop();
  };
}
