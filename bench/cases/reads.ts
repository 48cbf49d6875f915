import { create, type DescMessage, type DescMethodUnary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { GetMessageRequestSchema, ListMessagesRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { ratioAtLeast } from "../goals.ts";
import { type BenchParley, openBenchParley } from "../installation/bench-parley.ts";
import { encodeRequest, grpcLoad } from "../load/grpc-load.ts";
import { sampleH2load } from "../load/h2load.ts";
import { turnBody } from "../load/turning-body.ts";
import { createRequest } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { warmUp } from "../measure/warm-up.ts";
import { startYardstick } from "../yardsticks/yardstick-process.ts";
import { ECHO } from "./creates.ts";

/** Chats and messages that are read have two digits, so that any mixture of two names is one of them. */
const FIRST = 10;
const CHATS = 50;
const MESSAGES = 30;
const PAGE_SIZE = 20;

/** A kind of read. */
type Read<I extends DescMessage, O extends DescMessage> = {
  method: DescMethodUnary<I, O>;
  /** Of a chat, and the number of a message in it. */
  request(parent: string, number: number): MessageShape<I>;
  /** What turns in the request. */
  text(parent: string, number: number): string;
  answer(parley: BenchParley, request: MessageShape<I>): Promise<MessageShape<O>>;
  /** The messages that must be answered. */
  numbers(number: number): number[];
  numbersOf(answer: MessageShape<O>): number[];
};

const getRead: Read<typeof MessageService.method.getMessage.input, typeof MessageService.method.getMessage.output> = {
  method: MessageService.method.getMessage,
  request: (parent, number) => create(GetMessageRequestSchema, { name: `${parent}/messages/${number}` }),
  text: (parent, number) => `${parent}/messages/${number}`,
  answer: ({ tenant }, request) => tenant.messages.getMessage(request),
  numbers: (number) => [number],
  numbersOf: ({ number }) => [number],
};

const listRead: Read<
  typeof MessageService.method.listMessages.input,
  typeof MessageService.method.listMessages.output
> = {
  method: MessageService.method.listMessages,
  request: (parent) => create(ListMessagesRequestSchema, { parent, pageSize: PAGE_SIZE }),
  text: (parent) => parent,
  answer: ({ tenant }, request) => tenant.messages.listMessages(request),
  numbers: () => Array.from({ length: PAGE_SIZE }, (_, index) => MESSAGES - index),
  numbersOf: ({ messages }) => messages.map(({ number }) => number),
};

/** Chats of 30 messages each, written just before. */
async function writeChats({ tenant }: BenchParley): Promise<string[]> {
  const parents: string[] = [];
  for (let chat = 1; chat < FIRST + CHATS; chat++) {
    const { name: parent } = await tenant.chats.createChat({ parent: tenant.name, chat: { title: `Chat ${chat}` } });
    if (chat < FIRST) continue;
    const requests = Array.from({ length: MESSAGES }, () => createRequest(parent));
    await tenant.messages.batchCreateMessages({ parent, requests });
    parents.push(parent);
  }
  return parents;
}

async function checkReads<I extends DescMessage, O extends DescMessage>(
  parley: BenchParley,
  { request, answer, numbers, numbersOf }: Read<I, O>,
  parents: readonly string[],
): Promise<void> {
  for (const parent of parents) {
    const found = numbersOf(await answer(parley, request(parent, FIRST)));
    if (`${found}` !== `${numbers(FIRST)}`) throw new Error(`of ${parent} were read ${found}`);
  }
}

/** Reads of one chat after the other, and the echo of the answer to one of them. */
async function openSides<I extends DescMessage, O extends DescMessage>(
  parley: BenchParley,
  read: Read<I, O>,
  parents: readonly string[],
  closing: AsyncDisposableStack,
) {
  const { tenant, grpcAddress, pids } = parley;
  const requests = parents.map((parent, index) => [parent, FIRST + (index % 20)] as const);
  const first = read.request(...requests[0]!);
  const texts = requests.map((each) => read.text(...each));
  const body = await turnBody(encodeRequest(read.method.input, first), texts);
  closing.defer(() => body.close());
  const answer = Buffer.from(toBinary(read.method.output, await read.answer(parley, first)));
  const echo = await startYardstick("grpc-echo", read.method.localName, answer.toString("base64"));
  closing.defer(() => echo.close());
  const load = grpcLoad(read.method, grpcAddress, body.path, tenant.key);
  const echoLoad = grpcLoad(read.method, echo.address, body.path);
  return {
    ours: (count: number) => sampleH2load(load, count, pids),
    yardstick: (count: number) => sampleH2load(echoLoad, count, { echo: echo.pid }),
  };
}

async function runReads<I extends DescMessage, O extends DescMessage>(
  { pace, servers, tell }: BenchContext,
  name: string,
  read: Read<I, O>,
): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const parley = await openBenchParley({ servers });
  closing.defer(() => parley.close());
  const parents = await writeChats(parley);
  await checkReads(parley, read, parents);
  const { ours, yardstick } = await openSides(parley, read, parents, closing);
  const [count, echoCount] = [await warmUp(pace, ours), await warmUp(pace, yardstick)];
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    ours: () => ours(count),
    yardstick: () => yardstick(echoCount),
  });
  await checkReads(parley, read, parents);
  return { case: name, unit: "reads/s", ...measured };
}

export const GET: BenchCase = {
  name: "get",
  about: `gRPC GetMessage on servers, ${CHATS} chats that were just written to`,
  yardstick: ECHO,
  goals: [ratioAtLeast(0.6)],
  run: (context) => runReads(context, "get", getRead),
};

export const LIST: BenchCase = {
  name: "list",
  about: `gRPC ListMessages on servers, the newest ${PAGE_SIZE} messages of ${CHATS} chats that were just written to`,
  yardstick: ECHO,
  goals: [ratioAtLeast(0.5)],
  run: (context) => runReads(context, "list", listRead),
};
