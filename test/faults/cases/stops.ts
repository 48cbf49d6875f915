import { setTimeout as delay } from "node:timers/promises";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase } from "../trial/fault-case.ts";
import { ROLE_PROCESSES, roleOf } from "./role-processes.ts";

/** Longer than a publish may take. */
const STOPPED_MS = 10_000;

const STOPPED_ROLES = ROLE_PROCESSES.map(
  (name): FaultCase<Stack> => ({
    name: `stop-${roleOf(name)}`,
    about: `A process of the role ${roleOf(name)} stands still for a while, and goes on in the middle of what it did.`,
    needs: SERVER_KINDS,
    start: startStack,
    async fault({ installation, pace, random }) {
      const process = installation.processes[name]!;
      process.pause();
      await delay(pace.scale(STOPPED_MS) + random.below(500));
      process.resume();
    },
  }),
);

const STOPPED_SERVERS = SERVER_KINDS.map(
  (kind): FaultCase<Stack> => ({
    name: `stop-${kind}`,
    about: `The server of ${kind} stands still for a while, and goes on in the middle of what it did.`,
    needs: SERVER_KINDS,
    start: startStack,
    async fault({ installation, pace, random }) {
      const server = installation.servers[kind];
      await server.kill("SIGSTOP");
      await delay(pace.scale(STOPPED_MS) + random.below(500));
      await server.kill("SIGCONT");
    },
  }),
);

export const STOP_CASES: readonly FaultCase<Stack>[] = [...STOPPED_ROLES, ...STOPPED_SERVERS];
