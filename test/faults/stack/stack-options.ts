import type { Environment, RoleCounts } from "../../production/role-processes.ts";
import type { RealServerOf } from "../../servers/real-server.ts";
import type { Pace } from "../trial/pace.ts";
import type { ServerSet } from "./server-set.ts";

/** What a stack is started with. */
export type StackOptions = {
  servers: ServerSet;
  pace: Pace;
  /** In place of the one that is shared. */
  nats?: RealServerOf<"nats">;
  counts?: Partial<RoleCounts>;
  /** Settings of all processes. */
  environment?: Environment;
  /** What a process is told of the servers' addresses, where that is not what all are told. */
  addresses?: (process: string, addresses: Environment) => Environment;
};
