import { createConnection, type RowDataPacket } from "mysql2/promise";
import { commitMark, endOfRecord } from "../../services/write-queue/commit-mark.ts";
import type { BenchCase, BenchContext, CaseResult, Sample } from "../bench-case.ts";
import { PersistedMessages } from "../check/persisted-messages.ts";
import { ratioAtLeast } from "../goals.ts";
import { type BenchParley, openBenchParley } from "../installation/bench-parley.ts";
import { createdMessage } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { measureCpu } from "../measure/cpu-time.ts";
import { QueuedMessages } from "../seed/queued-messages.ts";
import { MysqlInserts } from "../yardsticks/mysql-inserts.ts";

/** Of the default pace of 5 seconds: 500,000 in each round. */
const MESSAGES_PER_SECOND = 100_000;
/** A round takes long, so there are fewer of them: 3 by default. */
const ROUNDS_SHARE = 0.6;
const CHATS = 50;
/** Persisted by both sides before anything is measured. */
const WARM_UP = 50_000;

/** Rows of the same messages as are queued, as `messages` has its columns. */
function* rowsOf(application: string, from: number, count: number): Generator<unknown[]> {
  for (let index = from; index < from + count; index++) {
    const [chat, number] = [1 + (index % CHATS), 1 + Math.floor(index / CHATS)];
    const { content, author } = createdMessage("", number);
    const mark = commitMark(1 + Math.floor(index / 256), index % 256);
    const [time, type] = [1_790_000_000_123, author!.type];
    const written = [content.value, author!.user, author!.displayName, type, null, null, 1];
    const noMore = [0, null, null, null];
    yield [application, chat, number, ...written, time, time, null, null, mark, mark, ...noMore];
  }
}

/** Lets the writer drain messages that were queued while it stood still. */
async function drain(
  parley: BenchParley,
  queue: QueuedMessages,
  stored: PersistedMessages,
  count: number,
): Promise<Sample> {
  const { writer } = parley.processes;
  writer!.pause();
  const last = await queue.send(count);
  const since = performance.now();
  const { cpuMicros } = await measureCpu(parley.pids, async () => {
    writer!.resume();
    await stored.persisted(endOfRecord(last));
  });
  const perOp = Object.entries(cpuMicros).map(([name, micros]) => [name, micros / count]);
  return { rate: (count / (performance.now() - since)) * 1_000, cpuMicrosPerOp: Object.fromEntries(perOp) };
}

/** Rejects where the yardstick did not store the same rows; marks and times are each side's own. */
async function checkSame(mysqlUrl: string, count: number): Promise<void> {
  const connection = await createConnection({ uri: mysqlUrl });
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT COUNT(*) AS same FROM messages JOIN bare_messages USING (application, chat, number, body, author_user, " +
      "author_display_name, author_type, revision, create_time)",
  );
  connection.destroy();
  if (Number(rows[0]!.same) !== count) throw new Error(`of ${count} rows, ${rows[0]!.same} are the same on both sides`);
}

/** Both sides, in turns; each stores the same messages. Rejects where they did not. */
async function measure({ pace, tell }: BenchContext, parley: BenchParley, queue: QueuedMessages, bare: MysqlInserts) {
  const stored = new PersistedMessages(parley.mysqlUrl);
  let inserted = 0;
  const insert = async (count: number) => {
    const sample = await bare.insert(rowsOf(queue.application, inserted, count));
    inserted += count;
    return sample;
  };
  const warmUp = Math.ceil(WARM_UP * pace.scale);
  await drain(parley, queue, stored, warmUp);
  await insert(warmUp);
  const count = Math.ceil(MESSAGES_PER_SECOND * pace.seconds * pace.scale);
  const measured = await compare({
    ...{ rounds: Math.ceil(pace.rounds * ROUNDS_SHARE), tell },
    ours: () => drain(parley, queue, stored, count),
    yardstick: () => insert(count),
  });
  await stored.check(queue.sent);
  await checkSame(parley.mysqlUrl, queue.sent);
  return measured;
}

async function run(context: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  // A writer that stands still keeps its lease.
  const parley = await openBenchParley({ servers: context.servers, environment: { LEASE_TTL: "5m" } });
  closing.defer(() => parley.close());
  for (let chat = 1; chat <= CHATS; chat++) {
    await parley.tenant.chats.createChat({ parent: parley.tenant.name, chat: { title: `Chat ${chat}` } });
  }
  const queue = await QueuedMessages.open(parley, CHATS);
  closing.defer(() => queue.close());
  const bare = await MysqlInserts.open(parley.mysqlUrl, "messages");
  closing.defer(() => bare.close());
  return { case: "persist", unit: "messages/s", ...(await measure(context, parley, queue, bare)) };
}

/** The writer alone, as fast as it can. */
export const PERSIST: BenchCase = {
  name: "persist",
  about: `the writer draining a full queue, ${CHATS} chats`,
  yardstick: "a loop of bare INSERTs of 1,000 of the same rows by mysql2, each a transaction",
  goals: [ratioAtLeast(0.75)],
  run,
};
