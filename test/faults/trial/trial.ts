import { setTimeout as delay } from "node:timers/promises";
import { createSeededRandom } from "../../seeded-random.ts";
import { checkHistory } from "../history/check-history.ts";
import type { Violation } from "../history/violation.ts";
import { type Connection, openConnections } from "../load/connections.ts";
import { Creates, isPoison } from "../load/creates.ts";
import { DEFAULT_LOAD, DEFAULT_MIX, Load } from "../load/load.ts";
import { Recorder } from "../load/recorder.ts";
import { Targets } from "../load/targets.ts";
import { readSettled } from "../observe/stored-state.ts";
import type { Installation } from "../stack/installation.ts";
import type { ServerSet } from "../stack/server-set.ts";
import type { FaultCase, Trial } from "./fault-case.ts";
import type { Pace } from "./pace.ts";

/** What came of one run of a case. */
export type TrialResult = {
  /** How many creates were answered. */
  answered: number;
  /** From the fault's end to the first create that was answered, in milliseconds. */
  recoverMs: number;
  violations: Violation[];
  /** Where the logs are, where there are violations. */
  folder: string | undefined;
  /** Processes that ended by themselves, and how. */
  ownEnds: string[];
};

export type TrialOptions = { seed: number; pace: Pace; servers: ServerSet };

const CONNECTIONS = 32;
const CHATS = 10;
const CALL_TIMEOUT_MS = 10_000;
const REQUEST_TTL_MS = 24 * 3_600_000;
/** How long the first answer after the fault may take. */
const RECOVERY_MS = 60_000;
/** How long everything may take to agree. */
const SETTLE_MS = 90_000;

/** Runs a case once: load, fault, and everything that was seen held against the promises. */
export async function runTrial(faultCase: FaultCase, options: TrialOptions): Promise<TrialResult> {
  try {
    const result = await runInstalled(faultCase, options);
    return result;
  } catch (error) {
    // What went wrong may have left a server standing still, or full.
    await options.servers.close();
    throw error;
  }
}

async function runInstalled(faultCase: FaultCase, { seed, pace, servers }: TrialOptions): Promise<TrialResult> {
  const installation = await faultCase.start({ servers, pace });
  const connections = openConnections(installation.entryPoints, CONNECTIONS, CALL_TIMEOUT_MS);
  let failed = true;
  try {
    const trial = createTrial(faultCase, { installation, connections, pace, random: createSeededRandom(seed) });
    await prepare(trial);
    const recoverMs = await runUnderLoad(faultCase, trial);
    await trial.creates.settle();
    const result = await judge(faultCase, trial, recoverMs);
    failed = result.violations.length > 0;
    return result;
  } finally {
    for (const connection of connections) connection.close();
    await installation.close(failed);
  }
}

type Given = Pick<Trial, "installation" | "connections" | "pace" | "random">;

function createTrial({ load: { mix, padding, ...rest } = {} }: FaultCase, given: Given): Trial {
  const [recorder, targets] = [new Recorder(), new Targets()];
  const creates = new Creates({ ...given, recorder, targets, padding });
  const shared = { ...given, recorder, targets, creates };
  const load = new Load({ ...DEFAULT_LOAD, ...shared, ...rest, mix: { ...DEFAULT_MIX, ...mix } });
  return { ...shared, load, settled: () => settle(given) };
}

function settle({ installation, connections }: Given) {
  const { readRows, readDeadLetters, subscribers } = installation;
  const sources = { services: adminServices(installation, connections), readRows, readDeadLetters };
  return readSettled(sources, subscribers, SETTLE_MS);
}

/** Makes an application with chats. */
async function prepare({ installation, targets, creates, connections }: Trial): Promise<void> {
  const { applications } = adminServices(installation, connections);
  const { name, apiKey } = await applications.createApplication({ application: { displayName: "Faults" } });
  targets.keys.set(name, apiKey);
  for (let chat = 0; chat < CHATS; chat++) {
    await creates.attempt(connections[0]!, creates.want(name, 1, crypto.randomUUID()));
  }
}

function adminServices({ adminKey }: Installation, connections: readonly Connection[]) {
  return connections[0]!.services(adminKey);
}

/** Resolves with how long it took from the fault's end to the first answered create. */
async function runUnderLoad(faultCase: FaultCase, trial: Trial): Promise<number> {
  const { recorder, random, load, pace } = trial;
  load.start();
  try {
    await delay(pace.warm.least + random.below(pace.warm.more));
    await faultCase.fault(trial);
    const over = recorder.now();
    const answered = await recorder.nextAnswer(RECOVERY_MS);
    await delay(pace.afterMs);
    return Math.max(0, Math.round(answered - over));
  } finally {
    await load.stop();
  }
}

async function judge(
  { requestTtlMs = REQUEST_TTL_MS }: FaultCase,
  { installation, recorder, settled }: Trial,
  recoverMs: number,
): Promise<TrialResult> {
  const { processes, folder } = installation;
  const { operations } = recorder;
  const seen = await settled();
  const violations = checkHistory({ operations, epochs: installation.epochs(), ...seen }, { requestTtlMs, isPoison });
  return {
    answered: operations.filter(({ kind, outcome }) => kind === "create" && outcome === "ok").length,
    recoverMs,
    violations,
    folder: violations.length > 0 ? folder : undefined,
    ownEnds: Object.values(processes).flatMap(({ ownEnds }) => ownEnds),
  };
}
