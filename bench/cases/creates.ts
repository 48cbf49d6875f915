import { toBinary } from "@bufbuild/protobuf";
import { CreateMessageRequestSchema, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { figureAtMost, p99AtMost, ratioAtLeast } from "../goals.ts";
import { frameMessage, grpcLoad } from "../load/grpc-load.ts";
import { runH2load, sampleH2load } from "../load/h2load.ts";
import { turnBody } from "../load/turning-body.ts";
import { createdMessage, createRequest } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { openBenchParley } from "../parley/bench-parley.ts";
import { StoredMessages } from "../parley/stored-messages.ts";
import { startYardstick } from "../yardsticks/yardstick-process.ts";

/** The first of the chats that are written to: all of them have two digits, so that any mixture of two is one of them. */
const FIRST_CHAT = 10;
const CHATS = 50;
/** Sent to both sides before anything is measured: the code is compiled, and the rate is found out. */
const WARM_UP = 4_000;

async function runCreates({ pace, servers, tell }: BenchContext, name: string, chats: number): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const parley = await openBenchParley({ servers });
  closing.defer(() => parley.close());
  const { tenant, grpcAddress, pids } = parley;
  for (let chat = 1; chat < FIRST_CHAT + CHATS; chat++) {
    await tenant.chats.createChat({ parent: tenant.name, chat: { title: `Chat ${chat}` } });
  }
  const parents = Array.from({ length: chats }, (_, index) => `${tenant.name}/chats/${FIRST_CHAT + index}`);
  const body = await turnBody(frameMessage(CreateMessageRequestSchema, createRequest(parents[0]!)), parents);
  closing.defer(() => body.close());
  const answer = Buffer.from(toBinary(MessageSchema, createdMessage(parents[0]!))).toString("base64");
  const echo = await startYardstick("grpc-echo", answer);
  closing.defer(() => echo.close());
  const load = grpcLoad(MessageService.method.createMessage, grpcAddress, body.path, tenant.key);
  const echoLoad = grpcLoad(MessageService.method.createMessage, echo.address, body.path);
  const stored = new StoredMessages(parley.mysqlUrl);
  let answered = 0;
  const lags: number[] = [];
  const create = async (count: number) => {
    const report = await sampleH2load(load, count, pids);
    answered += count;
    lags.push(await stored.reached(answered));
    return report;
  };
  const { seconds } = await runH2load(echoLoad, WARM_UP);
  await create(WARM_UP);
  await runH2load(echoLoad, WARM_UP);
  const { rate } = await create(WARM_UP);
  lags.length = 0;
  const [count, echoCount] = [rate * pace.seconds, (WARM_UP / seconds) * pace.seconds].map(Math.ceil) as [
    number,
    number,
  ];
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    ours: () => create(count),
    yardstick: () => sampleH2load(echoLoad, echoCount, { echo: echo.pid }),
  });
  await stored.check(answered);
  return { case: name, unit: "creates/s", ...measured, figures: { lagMs: Math.max(...lags) } };
}

const ECHO = "a bare grpc-js echo that parses the same request and answers a message of the same size";

/** Production adapters, JetStream that syncs every record, the writer persisting at the same time. */
export const CREATE: BenchCase = {
  name: "create",
  about: `gRPC CreateMessage on servers, ${CHATS} chats`,
  yardstick: ECHO,
  goals: [ratioAtLeast(0.7), p99AtMost(2, "the echo's"), figureAtMost("writer lag < 1 s", "lagMs", 1_000)],
  run: (context) => runCreates(context, "create", CHATS),
};

export const CREATE_ONE_CHAT: BenchCase = {
  name: "create-one-chat",
  about: "the same, all into one chat",
  yardstick: ECHO,
  goals: [ratioAtLeast(0.65)],
  run: (context) => runCreates(context, "create-one-chat", 1),
};
