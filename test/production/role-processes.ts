import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../servers/free-port.ts";
import { NativeProcess } from "./native-process.ts";

/** The settings of a process. */
export type Environment = Record<string, string>;

/** How many processes of each role there are. */
export type RoleCounts = { api: number; writer: number; indexer: number; scheduler: number; edge: number };

const USUAL_COUNTS: RoleCounts = { api: 2, writer: 1, indexer: 1, scheduler: 1, edge: 1 };

/** Processes of all roles that belong together. */
export type RoleProcesses = {
  /** By name: `api-1`, `api-2`, `writer`, … */
  processes: Record<string, NativeProcess>;
  /** `host:port` of each api. */
  grpc: string[];
  /** `http://host:port` of each edge. */
  edges: string[];
};

export type RoleProcessesOptions = {
  counts?: Partial<RoleCounts> | undefined;
  /** The settings of a process but for its ports, by its name. */
  environmentOf(name: string): Environment;
  /** Where the logs go. */
  folder: string;
};

/** What Node runs for a role. */
export function parametersOf(role: string): string[] {
  const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
  return role === "edge" ? [pathOf("edge/main.ts")] : [pathOf("services/main.ts"), role];
}

/** Starts processes of all roles on free ports. Resolves when all are ready. */
export async function startRoleProcesses({
  counts,
  environmentOf,
  folder,
}: RoleProcessesOptions): Promise<RoleProcesses> {
  const all = { ...USUAL_COUNTS, ...counts };
  const started: RoleProcesses = { processes: {}, grpc: [], edges: [] };
  for (let index = 1; index <= all.api; index++) started.grpc.push(`127.0.0.1:${await freePort()}`);
  for (const [role, count] of Object.entries(all) as [keyof RoleCounts, number][]) {
    for (let index = 1; index <= count; index++) {
      const name = count === 1 ? role : `${role}-${index}`;
      const ports = await portsOf(role, index, started);
      started.processes[name] = new NativeProcess({
        name,
        parameters: parametersOf(role),
        environment: { ...environmentOf(name), ...ports },
        address: `http://127.0.0.1:${ports.PRIVATE_PORT}`,
        logFile: join(folder, `${name}.log`),
      });
    }
  }
  await Promise.all(Object.values(started.processes).map((each) => each.start()));
  return started;
}

/** The settings of a process that say where it listens, and whom it calls. */
async function portsOf(role: keyof RoleCounts, index: number, { grpc, edges }: RoleProcesses): Promise<Environment> {
  const ports: Environment = { PRIVATE_PORT: String(await freePort()) };
  if (role === "api") ports.GRPC_PORT = grpc[index - 1]!.split(":")[1]!;
  if (role !== "edge") return ports;
  const port = await freePort();
  edges.push(`http://127.0.0.1:${port}`);
  return { ...ports, PORT: String(port), API_ADDRESSES: grpc.join(",") };
}
