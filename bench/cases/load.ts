import { toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { SERVER_KINDS } from "../../test/servers/server-profiles.ts";
import type { BenchCase, BenchContext, CaseResult, Goal, Sample } from "../bench-case.ts";
import { figureAtMost } from "../goals.ts";
import type { WorkerReport } from "../load/load-worker.ts";
import { LoadWorkers, mergeReports } from "../load/load-workers.ts";
import { createdMessage, createRequest } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { measureCpu } from "../measure/cpu-time.ts";
import { percentile } from "../measure/percentile.ts";
import { type BenchParley, openBenchParley } from "../parley/bench-parley.ts";
import { StoredMessages } from "../parley/stored-messages.ts";

const USERS = 1_000;
/** Calls per second: one of each user. */
const RATE = 1_000;
/** Ten times as many as have their newest page among the recent messages. */
const CHATS = 100_000;
const HELD_SHARE = 0.1;
/** What a list asks for, what each chat has at first, and what is then added to those that are to be held. */
const PAGE = 10;
/** What redis-recent-messages counts beside the bytes of a message. */
const OVERHEAD_BYTES = 100;
const WORKERS = 2;
const CONNECTIONS = 4;
const WARM_UP_SECONDS = 2;
const FILLING_AT_ONCE = 64;

/** A call may fail for nothing that goes well at this rate. */
const NO_ERRORS: Goal = { text: "no errors", isMet: ({ figures }) => figures!.errors === 0 };

async function runLoad({ pace, servers, tell }: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const chats = Math.round(CHATS * pace.scale);
  const heldChats = Math.round(chats * HELD_SHARE);
  tell(`  storing ${chats * PAGE} messages in ${chats} chats`);
  const parley = await openBenchParley({
    servers,
    chats: { sizes: Array<number>(chats).fill(PAGE) },
    environment: { RECENT_BYTES_MAX: String(heldChats * PAGE * messageBytes()) },
  });
  closing.defer(() => parley.close());
  await fillRecents(parley, heldChats);
  const { key, name: parent } = parley.tenant;
  const workers = await LoadWorkers.start(WORKERS, {
    ...{ address: parley.grpcAddress, key, parent, connections: CONNECTIONS, pageSize: PAGE },
    ...{ users: USERS, rate: RATE, chats, heldChats, sizes: { held: 2 * PAGE, other: PAGE } },
  });
  closing.defer(() => workers.close());
  const warmUp = await workers.run(0, WARM_UP_SECONDS);
  const reports: WorkerReport[] = [];
  const ours = async (): Promise<Sample> => {
    const run = () => workers.run(reports.length + 1, pace.seconds);
    const { result, cpuMicros } = await measureCpu(parley.pids, run);
    reports.push(result);
    return sampleOf(result, pace.seconds, cpuMicros);
  };
  const measured = await compare({ rounds: pace.rounds, tell, ours });
  const all = mergeReports(reports);
  for (const error of new Set([...warmUp.errors, ...all.errors])) tell(`  ${error}`);
  const created = warmUp.timesMs.create.length + all.timesMs.create.length;
  const stored = new StoredMessages(parley.mysqlUrl);
  const expected = (chats + heldChats) * PAGE + created;
  await stored.reached(expected);
  await stored.check(expected);
  return { case: "load", unit: "calls/s", ...measured, ...summarize(all) };
}

/** Of a message that is held, about. */
function messageBytes(): number {
  const message = createdMessage(`applications/${"a".repeat(26)}/chats/12345`, 12);
  return toBinary(MessageSchema, message).length + OVERHEAD_BYTES;
}

/** A page of new messages for each chat that is to be held, the one that is read most last. */
async function fillRecents({ tenant }: BenchParley, heldChats: number): Promise<void> {
  let next = heldChats;
  const fill = async () => {
    while (next > 0) {
      const parent = `${tenant.name}/chats/${next--}`;
      await tenant.messages.batchCreateMessages({ parent, requests: Array(PAGE).fill(createRequest("")) });
    }
  };
  await Promise.all(Array.from({ length: FILLING_AT_ONCE }, fill));
}

function sampleOf({ timesMs }: WorkerReport, seconds: number, cpuMicros: Record<string, number>): Sample {
  const times = sorted(Object.values(timesMs).flat());
  const perOp = Object.entries(cpuMicros).map(([name, micros]) => [name, micros / times.length]);
  return {
    rate: times.length / seconds,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    cpuMicrosPerOp: Object.fromEntries(perOp),
  };
}

/** Over all rounds: a percentile so high needs all calls. */
function summarize({ timesMs, lagsMs, errors }: WorkerReport): Pick<CaseResult, "p50Ms" | "p99Ms" | "figures"> {
  const [times, lags] = [sorted(Object.values(timesMs).flat()), sorted(lagsMs)];
  const [cached, database] = [sorted(timesMs.cached), sorted(timesMs.database)];
  return {
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    figures: {
      p95Ms: percentile(times, 0.95),
      p999Ms: percentile(times, 0.999),
      cachedP99Ms: percentile(cached, 0.99),
      databaseP99Ms: percentile(database, 0.99),
      createP99Ms: percentile(sorted(timesMs.create), 0.99),
      cachedPercent: (100 * cached.length) / (cached.length + database.length),
      errors: errors.length,
      generatorLagP99Ms: percentile(lags, 0.99),
    },
  };
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

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
  ],
  run: runLoad,
};
