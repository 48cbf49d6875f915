import type { TestProject } from "vitest/node";
import { askForServers } from "../../servers/shared/server-desk.ts";
import { type Production, startProduction } from "../production.ts";
import { openProductionDesk } from "./production-desk.ts";
import { SHARED_SETTINGS } from "./shared-settings.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where suites ask for the production that they share. */
    productionDesk: string;
  }
}

/** Makes one production available to all suites of a project; resolves with what ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<Production> | undefined;
  const start = async () => {
    // Not before it is asked for: the servers' desk opens after this.
    const servers = await askForServers(project.getProvidedContext().serverDesk);
    return startProduction({ servers, environment: SHARED_SETTINGS });
  };
  const desk = await openProductionDesk(() => (starting ??= start()));
  project.provide("productionDesk", desk.url);
  return async () => {
    await desk.close();
    await (await starting?.catch(() => undefined))?.close();
  };
}
