import { toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import type { Tenant } from "../../test/tenant.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { PersistedMessages } from "../check/persisted-messages.ts";
import { figureAtMost, p99AtMost, ratioAtLeast } from "../goals.ts";
import { openBenchParley } from "../installation/bench-parley.ts";
import { CHATS, openCreatesLoad } from "../load/creates-load.ts";
import { runH2load, sampleH2load } from "../load/h2load.ts";
import { createdMessage } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { startYardstick } from "../yardsticks/yardstick-process.ts";

/**
 * Sent to both sides, twice, before anything is measured: the rate is found out, and V8 compiles what is hot. With less, a
 * create of the first round takes half as much again of the api's CPU as one of the last.
 */
const WARM_UP = 12_000;
/** A smoke test sends as little as this share of it. */
const WARM_UP_SHARE_MIN = 0.2;

/** A Parley that creates are sent to, and what it stored. */
export type CreatesTarget = {
  grpcAddress: string;
  tenant: Tenant;
  /** Of all its processes and servers, by name. */
  pids: Record<string, number>;
  stored: {
    /** Resolves once there are as many messages as were answered, with how long that took, in milliseconds. */
    reached(answered: number): Promise<number>;
    /** Rejects where there are not as many rows as answers, or a chat's numbers are not 1, 2, … N. */
    check(answered: number): Promise<void>;
  };
};

type NamedCreates = { name: string; chats: number };

async function runOnServers(context: BenchContext, named: NamedCreates): Promise<CaseResult> {
  const parley = await openBenchParley({ servers: context.servers });
  try {
    return await measureCreates(context, named, { ...parley, stored: new PersistedMessages(parley.mysqlUrl) });
  } finally {
    await parley.close();
  }
}

/** Creates beside a bare echo. */
export async function measureCreates(
  { pace, tell }: Pick<BenchContext, "pace" | "tell">,
  { name, chats }: NamedCreates,
  target: CreatesTarget,
): Promise<CaseResult> {
  const { pids, stored } = target;
  await using closing = new AsyncDisposableStack();
  const creates = await openCreatesLoad(target, chats);
  closing.defer(() => creates.close());
  const { load } = creates;
  const answer = Buffer.from(toBinary(MessageSchema, createdMessage(creates.parents[0]!))).toString("base64");
  const echo = await startYardstick("grpc-echo", "createMessage", answer);
  closing.defer(() => echo.close());
  const echoLoad = { ...load, urls: load.urls.map((url) => url.replace(target.grpcAddress, echo.address)) };
  let answered = 0;
  const lags: number[] = [];
  const create = async (count: number) => {
    const report = await sampleH2load(load, count, pids);
    answered += count;
    lags.push(await stored.reached(answered));
    return report;
  };
  const warmUp = Math.ceil(WARM_UP * Math.max(pace.scale, WARM_UP_SHARE_MIN));
  await runH2load(echoLoad, warmUp);
  await create(warmUp);
  const { seconds } = await runH2load(echoLoad, warmUp);
  const { rate } = await create(warmUp);
  lags.length = 0;
  const count = Math.ceil(rate * pace.seconds);
  const echoCount = Math.ceil((warmUp / seconds) * pace.seconds);
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    ours: () => create(count),
    yardstick: () => sampleH2load(echoLoad, echoCount, { echo: echo.pid }),
  });
  await stored.check(answered);
  return { case: name, unit: "creates/s", ...measured, figures: { lagMs: Math.max(...lags) } };
}

export const ECHO = "a bare grpc-js echo that parses the same request and answers a message of the same size";

/** Production adapters, JetStream that syncs every record, the writer persisting at the same time. */
export const CREATE: BenchCase = {
  name: "create",
  about: `gRPC CreateMessage on servers, ${CHATS} chats`,
  yardstick: ECHO,
  goals: [ratioAtLeast(0.7), p99AtMost(2, "the echo's"), figureAtMost("writer lag < 1 s", "lagMs", 1_000)],
  run: (context) => runOnServers(context, { name: "create", chats: CHATS }),
};

export const CREATE_ONE_CHAT: BenchCase = {
  name: "create-one-chat",
  about: "the same, all into one chat",
  yardstick: ECHO,
  goals: [ratioAtLeast(0.65)],
  run: (context) => runOnServers(context, { name: "create-one-chat", chats: 1 }),
};
