import { setTimeout as delay } from "node:timers/promises";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase } from "../trial/fault-case.ts";
import { ROLE_PROCESSES, roleOf } from "./role-processes.ts";

/** How long what was killed stays away at most. */
const DOWN_MS = 1_000;

const KILLED_ROLES = ROLE_PROCESSES.map(
  (name): FaultCase<Stack> => ({
    name: `kill-${roleOf(name)}`,
    about: `A process of the role ${roleOf(name)} is killed and started again.`,
    needs: SERVER_KINDS,
    start: startStack,
    async fault({ installation, random }) {
      const process = installation.processes[name]!;
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
