import { afterAll, beforeAll, onTestFinished } from "vitest";
import { type LaunchedRole, launchRole, type ReadyLine } from "../../production/launched-role.ts";
import { createInstallation, removeInstallation, type ServerAddresses } from "../../production/production.ts";
import type { Environment } from "../../production/role-processes.ts";
import { exchange } from "../../rest-transport.ts";

/** The settings of a suite's own installation, which can be read in its tests. */
export function installationFor(servers: ServerAddresses): Environment {
  const environment: Environment = {};
  beforeAll(async () => {
    Object.assign(environment, await createInstallation(servers));
  });
  afterAll(() => removeInstallation(environment));
  return environment;
}

/** Starts a role on free ports; it is ended when the test is over. Resolves when it is ready. */
export async function startRole(role: string, environment: Environment): Promise<LaunchedRole & { line: ReadyLine }> {
  const launched = launchRole(role, { PORT: "0", GRPC_PORT: "0", PRIVATE_PORT: "0", ...environment });
  onTestFinished(async () => {
    launched.child.kill("SIGKILL");
    await launched.ended;
  });
  return { ...launched, line: await launched.ready };
}

/** What a process answers on its private port. */
export async function getPrivate(
  { privateAddress }: ReadyLine,
  path: string,
): Promise<{ status: number; body: string; type: string | null }> {
  const { status, body, headers } = await exchange(`${privateAddress}${path}`, { method: "GET" });
  return { status, body: body.toString(), type: headers.get("content-type") };
}
