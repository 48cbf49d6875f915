import { create } from "@bufbuild/protobuf";
import { ListMessagesRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { figureAtMost, ratioAtLeast } from "../goals.ts";
import { openBenchParley } from "../installation/bench-parley.ts";
import { encodeRequest, grpcLoad, USUAL_LOAD } from "../load/grpc-load.ts";
import { sampleH2load } from "../load/h2load.ts";
import { turnBody } from "../load/turning-body.ts";
import { compare } from "../measure/compare.ts";
import { median } from "../measure/percentile.ts";
import { MysqlScans } from "../yardsticks/mysql-scans.ts";

const MESSAGES = 1_000_000;
const PAGE_SIZE = 20;
/** MYSQL_POOL_MAX, as it is by default. */
const CONNECTIONS = 10;
/** Pages that are asked for in turns, from the middle on. */
const PAGES = 50;
const WARM_UP = 2_000;

/** Page requests, equally long as all of them tell a number of as many bytes. */
function requestOf(parent: string, before?: number): Uint8Array {
  const position = before === undefined ? undefined : ({ case: "beforeNumber", value: before } as const);
  return encodeRequest(
    ListMessagesRequestSchema,
    create(ListMessagesRequestSchema, { parent, pageSize: PAGE_SIZE, position }),
  );
}

async function runListOld({ pace, servers, tell }: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const size = Math.ceil(MESSAGES * pace.scale);
  tell(`  ${size} messages are stored`);
  const parley = await openBenchParley({ servers, chats: { sizes: [size] } });
  closing.defer(() => parley.close());
  const { tenant, grpcAddress, pids } = parley;
  const parent = `${tenant.name}/chats/1`;
  const numbers = Array.from({ length: PAGES }, (_, page) => size / 2 + page * PAGE_SIZE);
  const check = async () => {
    for (const before of numbers) {
      const position = { case: "beforeNumber", value: before } as const;
      const { messages } = await tenant.messages.listMessages({ parent, pageSize: PAGE_SIZE, position });
      const isRight = messages.every(({ number }, index) => number === before - 1 - index);
      if (!isRight || messages.length !== PAGE_SIZE) throw new Error(`the page before ${before} is wrong`);
    }
  };
  await check();
  const bodies = numbers.map((before) => requestOf(parent, before));
  const [middle, newest] = [await turnBody(bodies[0]!, bodies), await turnBody(requestOf(parent), [])];
  for (const body of [middle, newest]) closing.defer(() => body.close());
  const pageOf = (path: string) => grpcLoad(MessageService.method.listMessages, grpcAddress, path, tenant.key);
  const read = (count: number) => sampleH2load(pageOf(middle.path), count, pids);
  const readNewest = (count: number) => sampleH2load(pageOf(newest.path), count, pids);
  const atOnce = USUAL_LOAD.connections * USUAL_LOAD.streams;
  const scans = new MysqlScans(parley.mysqlUrl, { connections: CONNECTIONS, atOnce });
  closing.defer(() => scans.close());
  const application = tenant.name.split("/")[1]!;
  const wanted = numbers.map((before) => ({ application, chat: 1, before, limit: PAGE_SIZE }));
  for (const warmUp of [read, readNewest]) await warmUp(WARM_UP);
  await scans.sample(wanted, WARM_UP);
  const count = Math.ceil((await read(WARM_UP)).rate * pace.seconds);
  const scanCount = Math.ceil((await scans.sample(wanted, WARM_UP)).rate * pace.seconds);
  const besideNewest: number[] = [];
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    async ours() {
      const newestRate = (await readNewest(count)).rate;
      const sample = await read(count);
      besideNewest.push(newestRate / sample.rate);
      return sample;
    },
    yardstick: () => scans.sample(wanted, scanCount),
  });
  await check();
  return { case: "list-old", unit: "pages/s", ...measured, figures: { besideNewest: median(besideNewest) } };
}

export const LIST_OLD: BenchCase = {
  name: "list-old",
  about: `gRPC ListMessages on servers, ${PAGE_SIZE} messages from the middle of a chat of 1,000,000`,
  yardstick: "range scans of the same rows through bare mysql2, as many at a time, over as many connections",
  goals: [ratioAtLeast(0.6), figureAtMost("≤ 1.3 × the time of the newest page", "besideNewest", 1.3)],
  run: runListOld,
};
