import { CreateMessageRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { BenchCase, BenchContext, CaseResult, Sample } from "../bench-case.ts";
import { PersistedMessages } from "../check/persisted-messages.ts";
import { type BenchParley, openBenchParley } from "../installation/bench-parley.ts";
import { encodeRequest, grpcLoad, USUAL_LOAD } from "../load/grpc-load.ts";
import { sampleAtOnce } from "../load/h2load.ts";
import { turnBody } from "../load/turning-body.ts";
import { createRequest } from "../load/workload.ts";
import { measureBusy } from "../measure/busy-processors.ts";
import { compare } from "../measure/compare.ts";
import { median } from "../measure/percentile.ts";
import { warmUp } from "../measure/warm-up.ts";

/** Chats 10 to 59: their names are equally long. */
const [FIRST_CHAT, LAST_CHAT] = [10, 59] as const;
/** Processes of the load generator, each with its share of the connections. */
const GENERATORS = 2;

/** Creates that two load generators send, each to a process of the api that it is told. */
class DividedCreates {
  readonly #parley: BenchParley;
  readonly #body: string;
  readonly #stored: PersistedMessages;
  #answered = 0;

  /** @param body the path of a framed request */
  constructor(parley: BenchParley, body: string) {
    this.#parley = parley;
    this.#body = body;
    this.#stored = new PersistedMessages(parley.mysqlUrl);
  }

  /** Resolves when the writer has brought all into the database. */
  async sample(addresses: readonly string[], count: number): Promise<{ result: Sample; busy: number }> {
    const { tenant, pids } = this.#parley;
    const requests = Math.ceil(count / GENERATORS) * GENERATORS;
    const loads = addresses.map((address) => ({
      ...grpcLoad(MessageService.method.createMessage, address, this.#body, tenant.key),
      connections: USUAL_LOAD.connections / GENERATORS,
    }));
    const measured = await measureBusy(() => sampleAtOnce(loads, requests, pids));
    this.#answered += requests;
    await this.#stored.reached(this.#answered);
    return measured;
  }

  /** Rejects where anything is stored but what was answered. */
  check(): Promise<void> {
    return this.#stored.check(this.#answered);
  }
}

async function runScale({ pace, servers, tell }: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const chats = { sizes: Array<number>(LAST_CHAT).fill(0) };
  const parley = await openBenchParley({ servers, counts: { api: 2 }, chats });
  closing.defer(() => parley.close());
  const body = await turnChats(parley.tenant.name);
  closing.defer(() => body.close());
  const creates = new DividedCreates(parley, body.path);
  const [one, two] = parley.grpcAddress.split(",") as [string, string];
  const toOne = (address: string) => async (count: number) => (await creates.sample([address, address], count)).result;
  await warmUp(pace, toOne(two));
  const count = await warmUp(pace, toOne(one));
  const busy: Record<"one" | "two", number[]> = { one: [], two: [] };
  const side = async (name: keyof typeof busy, addresses: readonly string[]): Promise<Sample> => {
    const measured = await creates.sample(addresses, count);
    busy[name].push(measured.busy);
    return measured.result;
  };
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    ours: () => side("two", [one, two]),
    yardstick: () => side("one", [one, one]),
  });
  await creates.check();
  const figures = { busyProcessors: median(busy.two), busyProcessorsOfOne: median(busy.one) };
  return { case: "scale", unit: "creates/s", ...measured, figures };
}

/** A request in which the chat turns. */
function turnChats(application: string) {
  const count = LAST_CHAT - FIRST_CHAT + 1;
  const parents = Array.from({ length: count }, (_, index) => `${application}/chats/${FIRST_CHAT + index}`);
  return turnBody(encodeRequest(CreateMessageRequestSchema, createRequest(parents[0]!)), parents);
}

/** How much a second process adds; the processors that are busy, and the CPU time by process, say what limits it. */
export const SCALE: BenchCase = {
  name: "scale",
  about: "gRPC CreateMessage on servers, 50 chats, two processes of the api",
  yardstick: "one process of the api behind the same load",
  goals: [],
  run: runScale,
};
