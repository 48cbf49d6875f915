import { SERVER_KINDS } from "../../test/servers/server-profiles.ts";
import type { BenchCase, BenchContext, CaseResult, Goal, Sample } from "../bench-case.ts";
import { PersistedMessages } from "../check/persisted-messages.ts";
import { figureAtLeast, figureAtMost } from "../goals.ts";
import type { BenchParley } from "../installation/bench-parley.ts";
import { heldOf, openCachedParley } from "../installation/cached-parley.ts";
import { sampleOf, summarizeLoad } from "../load/load-summary.ts";
import type { WorkerReport } from "../load/load-worker.ts";
import { LoadWorkers, mergeReports } from "../load/load-workers.ts";
import { compare } from "../measure/compare.ts";
import { measureCpu } from "../measure/cpu-time.ts";
import { readFactReads } from "../measure/fact-reads.ts";
import { hitPercent, readRecentReads } from "../measure/recent-reads.ts";

const USERS = 1_000;
/** Calls per second: one of each user. */
const RATE = 1_000;
const CHATS = 100_000;
/** The share of the chats that is held among the recent messages. */
const HELD = 0.1;
/** What a list asks for. */
const PAGE = 10;
const WORKERS = 2;
/** Of each of them. */
const CONNECTIONS = 4;
const WARM_UP_SECONDS = 2;

async function runLoad({ pace, servers, tell }: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const chats = Math.round(CHATS * pace.scale);
  const heldChats = Math.round(chats * HELD);
  tell(`  storing ${chats * PAGE} messages in ${chats} chats`);
  const parley = await openCachedParley({ servers, chats, heldChats, page: PAGE });
  closing.defer(() => parley.close());
  const workers = await startWorkers(parley, chats, heldChats);
  closing.defer(() => workers.close());
  const warmUp = await workers.run(0, WARM_UP_SECONDS);
  const { address } = parley.processes.api!.plan;
  const before = { recent: await readRecentReads(address), facts: await readFactReads(address) };
  const reports: WorkerReport[] = [];
  const ours = async (): Promise<Sample> => {
    const run = () => workers.run(reports.length + 1, pace.seconds);
    const { result, cpuMicros } = await measureCpu(parley.pids, run);
    reports.push(result);
    return sampleOf(result, pace.seconds, cpuMicros);
  };
  const measured = await compare({ rounds: pace.rounds, tell, ours });
  const hits = {
    hitPercent: hitPercent(before.recent, await readRecentReads(address)),
    factHitPercent: hitPercent(before.facts, await readFactReads(address)),
  };
  const report = mergeReports(reports);
  for (const error of new Set([...warmUp.errors, ...report.errors])) tell(`  ${error}`);
  const created = warmUp.timesMs.create.length + report.timesMs.create.length;
  await checkStored(parley, chats * PAGE + heldChats * heldOf(PAGE) + created);
  const { figures, ...times } = summarizeLoad(report);
  return { case: "load", unit: "calls/s", ...measured, ...times, figures: { ...figures, ...hits } };
}

function startWorkers({ tenant, grpcAddress }: BenchParley, chats: number, heldChats: number): Promise<LoadWorkers> {
  return LoadWorkers.start(WORKERS, {
    ...{ address: grpcAddress, key: tenant.key, parent: tenant.name, connections: CONNECTIONS, pageSize: PAGE },
    ...{ users: USERS, rate: RATE, chats, heldChats, sizes: { held: PAGE + heldOf(PAGE), other: PAGE } },
  });
}

async function checkStored({ mysqlUrl }: BenchParley, expected: number): Promise<void> {
  const stored = new PersistedMessages(mysqlUrl);
  await stored.reached(expected);
  await stored.check(expected);
}

/** At this rate nothing that is in order refuses a call; a wrong answer is an error, too. */
const NO_ERRORS: Goal = { text: "no errors", isMet: ({ figures }) => figures!.errors === 0 };

/** Users do not wait for each other: the rate is that of the schedule, and times count from it. */
export const LOAD: BenchCase = {
  name: "load",
  about:
    "1,000 users in an open loop, one call a second each, 10 % creates, chats by Zipf from ten times what is cached",
  yardstick: "none: the rate is set",
  needs: SERVER_KINDS,
  goals: [
    NO_ERRORS,
    figureAtMost("p99 of cached reads < 100 ms", "cachedP99Ms", 100),
    figureAtMost("p99 of reads from the database < 500 ms", "databaseP99Ms", 500),
    figureAtLeast("hit rate > 80 %", "hitPercent", 80),
    figureAtLeast("hit rate of facts > 80 %", "factHitPercent", 80),
  ],
  run: runLoad,
};
