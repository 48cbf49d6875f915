import { create } from "@bufbuild/protobuf";
import { ListMessagesRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { figureAtMost, ratioAtLeast } from "../goals.ts";
import { type BenchParley, openBenchParley } from "../installation/bench-parley.ts";
import { encodeRequest, grpcLoad, USUAL_LOAD } from "../load/grpc-load.ts";
import { sampleH2load } from "../load/h2load.ts";
import { turnBody } from "../load/turning-body.ts";
import { compare } from "../measure/compare.ts";
import { median } from "../measure/percentile.ts";
import { warmUp } from "../measure/warm-up.ts";
import { type MysqlScan, MysqlScans } from "../yardsticks/mysql-scans.ts";

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

/** Pages of one chat: those that end at some numbers, and the newest. */
class ChatPages {
  readonly #parley: BenchParley;
  readonly #parent: string;
  readonly #numbers: readonly number[];

  constructor(parley: BenchParley, chat: number, numbers: readonly number[]) {
    this.#parley = parley;
    this.#parent = `${parley.tenant.name}/chats/${chat}`;
    this.#numbers = numbers;
  }

  /** Rejects where a page has other messages than those below its number. */
  async check(): Promise<void> {
    const { messages: service } = this.#parley.tenant;
    for (const before of this.#numbers) {
      const position = { case: "beforeNumber", value: before } as const;
      const { messages } = await service.listMessages({ parent: this.#parent, pageSize: PAGE_SIZE, position });
      const isRight = messages.every(({ number }, index) => number === before - 1 - index);
      if (!isRight || messages.length !== PAGE_SIZE) throw new Error(`the page before ${before} is wrong`);
    }
  }

  /** What asks for one page after the other, and for the newest. */
  async open(closing: AsyncDisposableStack) {
    const bodies = this.#numbers.map((before) => requestOf(this.#parent, before));
    const [middle, newest] = [await turnBody(bodies[0]!, bodies), await turnBody(requestOf(this.#parent), [])];
    for (const body of [middle, newest]) closing.defer(() => body.close());
    const { grpcAddress, tenant, pids } = this.#parley;
    const reading = (path: string) => {
      const load = grpcLoad(MessageService.method.listMessages, grpcAddress, path, tenant.key);
      return (count: number) => sampleH2load(load, count, pids);
    };
    return { read: reading(middle.path), readNewest: reading(newest.path) };
  }
}

function openScans({ mysqlUrl, tenant }: BenchParley, numbers: readonly number[]) {
  const atOnce = USUAL_LOAD.connections * USUAL_LOAD.streams;
  const scans = new MysqlScans(mysqlUrl, { connections: CONNECTIONS, atOnce });
  const application = tenant.name.split("/")[1]!;
  const wanted: MysqlScan[] = numbers.map((before) => ({ application, chat: 1, before, limit: PAGE_SIZE }));
  return { scan: (count: number) => scans.sample(wanted, count), close: () => scans.close() };
}

async function runListOld({ pace, servers, tell }: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const size = Math.ceil(MESSAGES * pace.scale);
  tell(`  ${size} messages are stored`);
  const parley = await openBenchParley({ servers, chats: { sizes: [size] } });
  closing.defer(() => parley.close());
  const numbers = Array.from({ length: PAGES }, (_, page) => size / 2 + page * PAGE_SIZE);
  const pages = new ChatPages(parley, 1, numbers);
  await pages.check();
  const { read, readNewest } = await pages.open(closing);
  const { scan, close } = openScans(parley, numbers);
  closing.defer(close);
  await warmUp(pace, readNewest, WARM_UP);
  const [count, scanCount] = [await warmUp(pace, read, WARM_UP), await warmUp(pace, scan, WARM_UP)];
  const besideNewest: number[] = [];
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    async ours() {
      const newestRate = (await readNewest(count)).rate;
      const sample = await read(count);
      besideNewest.push(newestRate / sample.rate);
      return sample;
    },
    yardstick: () => scan(scanCount),
  });
  await pages.check();
  return { case: "list-old", unit: "pages/s", ...measured, figures: { besideNewest: median(besideNewest) } };
}

export const LIST_OLD: BenchCase = {
  name: "list-old",
  about: `gRPC ListMessages on servers, ${PAGE_SIZE} messages from the middle of a chat of 1,000,000`,
  yardstick: "range scans of the same rows through bare mysql2, as many at a time, over as many connections",
  goals: [ratioAtLeast(0.6), figureAtMost("≤ 1.3 × the time of the newest page", "besideNewest", 1.3)],
  run: runListOld,
};
