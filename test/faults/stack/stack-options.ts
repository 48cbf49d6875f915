import type { Pace } from "../trial/pace.ts";
import type { ServerSet } from "./server-set.ts";

/** The settings of a process. */
export type Environment = Record<string, string>;

/** How many processes of each role there are. */
export type RoleCounts = { api: number; writer: number; indexer: number; scheduler: number; edge: number };

export const USUAL_COUNTS: RoleCounts = { api: 2, writer: 1, indexer: 1, scheduler: 1, edge: 1 };

/** What a stack is started with. */
export type StackOptions = {
  servers: ServerSet;
  pace: Pace;
  counts?: Partial<RoleCounts>;
  /** Settings of all processes. */
  environment?: Environment;
  /** What a process is told of the servers' addresses, where that is not what all are told. */
  addresses?: (process: string, addresses: Environment) => Environment;
};
