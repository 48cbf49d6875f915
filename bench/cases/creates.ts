import { toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import type { Environment } from "../../test/production/role-processes.ts";
import type { Services, Tenant } from "../../test/tenant.ts";
import type { BenchCase, BenchContext, CaseResult, Sample } from "../bench-case.ts";
import { PersistedMessages } from "../check/persisted-messages.ts";
import { figureAtMost, p99AtMost, ratioAtLeast } from "../goals.ts";
import { openBenchParley } from "../installation/bench-parley.ts";
import { CHATS, type CreatesLoad, openCreatesLoad } from "../load/creates-load.ts";
import { type Load, sampleH2load } from "../load/h2load.ts";
import { openUserCreatesLoad } from "../load/user-creates-load.ts";
import { createdMessage } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { warmUp } from "../measure/warm-up.ts";
import { startYardstick } from "../yardsticks/yardstick-process.ts";

/** A Parley that creates are sent to, and what it stored. */
export type CreatesTarget = {
  grpcAddress: string;
  tenant: Tenant;
  admin: Services;
  /** Of all its processes and servers, by name. */
  pids: Record<string, number>;
  stored: {
    /** Resolves once there are as many messages as were answered, with how long that took, in milliseconds. */
    reached(answered: number): Promise<number>;
    /** Rejects where there are not as many rows as answers, or a chat's numbers are not 1, 2, … N. */
    check(answered: number): Promise<void>;
  };
};

type NamedCreates = {
  name: string;
  chats: number;
  /** Who sends them. Default: the application's backend. */
  openLoad?(target: CreatesTarget, chats: number): Promise<CreatesLoad>;
  /** Settings of Parley. */
  environment?: Environment;
};

async function runOnServers(context: BenchContext, named: NamedCreates): Promise<CaseResult> {
  const parley = await openBenchParley({ servers: context.servers, environment: named.environment ?? {} });
  try {
    return await measureCreates(context, named, { ...parley, stored: new PersistedMessages(parley.mysqlUrl) });
  } finally {
    await parley.close();
  }
}

/** Sends creates; after each time it waits for the writer. */
class CheckedCreates {
  readonly #load: Load;
  readonly #target: CreatesTarget;
  #answered = 0;
  /** How long the writer took each time to bring all into the database, in milliseconds. */
  lags: number[] = [];

  constructor(load: Load, target: CreatesTarget) {
    this.#load = load;
    this.#target = target;
  }

  async sample(count: number): Promise<Sample> {
    const sample = await sampleH2load(this.#load, count, this.#target.pids);
    this.#answered += count;
    this.lags.push(await this.#target.stored.reached(this.#answered));
    return sample;
  }

  /** Rejects where anything is stored but what was answered. */
  check(): Promise<void> {
    return this.#target.stored.check(this.#answered);
  }
}

/** Creates beside a bare echo. */
export async function measureCreates(
  { pace, tell }: Pick<BenchContext, "pace" | "tell">,
  { name, chats, openLoad = openCreatesLoad }: NamedCreates,
  target: CreatesTarget,
): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const { load, parents, close } = await openLoad(target, chats);
  closing.defer(close);
  const answer = Buffer.from(toBinary(MessageSchema, createdMessage(parents[0]!))).toString("base64");
  const echo = await startYardstick("grpc-echo", "createMessage", answer);
  closing.defer(() => echo.close());
  const echoLoad = { ...load, urls: load.urls.map((url) => url.replace(target.grpcAddress, echo.address)) };
  const creates = new CheckedCreates(load, target);
  const ours = (count: number) => creates.sample(count);
  const yardstick = (count: number) => sampleH2load(echoLoad, count, { echo: echo.pid });
  const echoCount = await warmUp(pace, yardstick);
  const count = await warmUp(pace, ours);
  creates.lags = [];
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    ours: () => ours(count),
    yardstick: () => yardstick(echoCount),
  });
  await creates.check();
  return { case: name, unit: "creates/s", ...measured, figures: { lagMs: Math.max(...creates.lags) } };
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

/** The same, with all that is decided about a user: its token, its membership, its limits. */
export const CREATE_USER: BenchCase = {
  name: "create-user",
  about: `gRPC CreateMessage on servers by a user with an access token, ${CHATS} groups, limits in force`,
  yardstick: ECHO,
  goals: CREATE.goals,
  run: (context) =>
    runOnServers(context, {
      ...{ name: "create-user", chats: CHATS, openLoad: openUserCreatesLoad },
      // All calls come from one address.
      environment: { ADDRESS_CALLS_PER_MINUTE: "2000000000" },
    }),
};

export const CREATE_ONE_CHAT: BenchCase = {
  name: "create-one-chat",
  about: "gRPC CreateMessage on servers, all into one chat",
  yardstick: ECHO,
  goals: [ratioAtLeast(0.65)],
  run: (context) => runOnServers(context, { name: "create-one-chat", chats: 1 }),
};
