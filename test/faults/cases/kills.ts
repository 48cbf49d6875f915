import { setTimeout as delay } from "node:timers/promises";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase } from "../trial/fault-case.ts";

const ROLES = ["api-1", "edge", "writer", "indexer", "scheduler"];
/** How long what was killed stays away at most. */
const DOWN_MS = 1_000;

const nameOf = (process: string) => process.replace(/-\d+$/, "");

const KILLED_ROLES = ROLES.map(
  (role): FaultCase<Stack> => ({
    name: `kill-${nameOf(role)}`,
    about: `A process of the role ${nameOf(role)} is killed and started again.`,
    needs: SERVER_KINDS,
    start: startStack,
    async fault({ installation, random }) {
      const process = installation.processes[role]!;
      await process.kill();
      await delay(random.below(DOWN_MS));
      await process.start();
    },
  }),
);

const KILLED_SERVERS = SERVER_KINDS.map(
  (kind): FaultCase<Stack> => ({
    name: `kill-${kind}`,
    about: `The server of ${kind} is killed and started again.`,
    needs: SERVER_KINDS,
    start: startStack,
    async fault({ installation, random }) {
      const server = installation.servers[kind];
      await server.kill();
      await delay(random.below(DOWN_MS));
      await server.start();
    },
  }),
);

export const KILL_CASES: readonly FaultCase<Stack>[] = [...KILLED_ROLES, ...KILLED_SERVERS];
