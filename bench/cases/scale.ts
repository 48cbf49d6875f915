import { CreateMessageRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { BenchCase, BenchContext, CaseResult, Sample } from "../bench-case.ts";
import { frameMessage, grpcLoad, USUAL_LOAD } from "../load/grpc-load.ts";
import { type Load, sampleAtOnce } from "../load/h2load.ts";
import { turnBody } from "../load/turning-body.ts";
import { createRequest } from "../load/workload.ts";
import { measureBusy } from "../measure/busy-processors.ts";
import { compare } from "../measure/compare.ts";
import { median } from "../measure/percentile.ts";
import { openBenchParley } from "../parley/bench-parley.ts";
import { StoredMessages } from "../parley/stored-messages.ts";

/** Chats 10 to 59: their names are equally long. */
const [FIRST_CHAT, LAST_CHAT] = [10, 59] as const;
/** Sent to each process of the api before anything is measured, twice: then the code is compiled, and the rate is known. */
const WARM_UP = 4_000;
/** Processes of the load generator, each with its share of the connections. */
const GENERATORS = 2;

async function runScale({ pace, servers, tell }: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const chats = { sizes: Array<number>(LAST_CHAT).fill(0) };
  const parley = await openBenchParley({ servers, counts: { api: 2 }, chats });
  closing.defer(() => parley.close());
  const { tenant, pids } = parley;
  const parents = Array.from({ length: LAST_CHAT - FIRST_CHAT + 1 }, (_, index) => {
    return `${tenant.name}/chats/${FIRST_CHAT + index}`;
  });
  const body = await turnBody(frameMessage(CreateMessageRequestSchema, createRequest(parents[0]!)), parents);
  closing.defer(() => body.close());
  const loadOf = (address: string): Load => ({
    ...grpcLoad(MessageService.method.createMessage, address, body.path, tenant.key),
    connections: USUAL_LOAD.connections / GENERATORS,
  });
  const [one, two] = parley.grpcAddress.split(",") as [string, string];
  const stored = new StoredMessages(parley.mysqlUrl);
  let answered = 0;
  const sample = async (addresses: readonly string[], count: number) => {
    const requests = Math.ceil(count / GENERATORS) * GENERATORS;
    const measured = await measureBusy(() => sampleAtOnce(addresses.map(loadOf), requests, pids));
    answered += requests;
    await stored.reached(answered);
    return measured;
  };
  for (const address of [one, two]) await sample([address, address], WARM_UP);
  const { result } = await sample([one, one], WARM_UP);
  await sample([two, two], WARM_UP);
  const count = result.rate * pace.seconds;
  const busy: Record<"one" | "two", number[]> = { one: [], two: [] };
  const side = async (name: keyof typeof busy, addresses: readonly string[]): Promise<Sample> => {
    const measured = await sample(addresses, count);
    busy[name].push(measured.busy);
    return measured.result;
  };
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    ours: () => side("two", [one, two]),
    yardstick: () => side("one", [one, one]),
  });
  await stored.check(answered);
  const figures = { busyProcessors: median(busy.two), busyProcessorsOfOne: median(busy.one) };
  return { case: "scale", unit: "creates/s", ...measured, figures };
}

/** How much a second process adds; the processors that are busy, and the CPU time by process, say what limits it. */
export const SCALE: BenchCase = {
  name: "scale",
  about: "gRPC CreateMessage on servers, 50 chats, two processes of the api",
  yardstick: "one process of the api behind the same load",
  goals: [],
  run: runScale,
};
