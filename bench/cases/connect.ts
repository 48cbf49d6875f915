import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { CreateMessageRequestSchema, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { ratioAtLeast } from "../goals.ts";
import { MEMORY_PARENT, type MemoryParley, openMemoryParley } from "../installation/memory-api-process.ts";
import type { Load } from "../load/h2load.ts";
import { ANSWER_JSON, CREDENTIAL, checkAnswer, HTTP1, prepareLoad, REQUEST_JSON } from "../load/rest-load.ts";
import { createdMessage, createRequest } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { startYardstick, type YardstickProcess } from "../yardsticks/yardstick-process.ts";

const ANSWER = toBinary(MessageSchema, createdMessage(MEMORY_PARENT));

/** What is sent and answered in each of Connect's two forms. */
const FORMS = {
  json: { request: Buffer.from(REQUEST_JSON), answer: ANSWER_JSON },
  binary: { request: toBinary(CreateMessageRequestSchema, createRequest(MEMORY_PARENT)), answer: ANSWER },
};
type Form = keyof typeof FORMS;

async function measureForm(
  { pace, tell }: BenchContext,
  form: Form,
  bodyFile: string,
  parley: MemoryParley,
  echo: YardstickProcess,
) {
  const { request, answer } = FORMS[form];
  await writeFile(bodyFile, request);
  const contentType = form === "json" ? "application/json" : "application/proto";
  const headers = { "content-type": contentType, "connect-protocol-version": "1", ...CREDENTIAL };
  const loadOf = (address: string): Load => {
    return { urls: [`${address}/parley.v1.MessageService/CreateMessage`], headers, bodyFile, ...HTTP1 };
  };
  const [load, echoLoad] = [loadOf(parley.address), loadOf(`http://${echo.address}`)];
  await checkAnswer(load, new Uint8Array(request), answer);
  const ours = await prepareLoad(load, parley.pids, pace);
  const yardstick = await prepareLoad(echoLoad, { echo: echo.pid }, pace);
  tell(`  ${form}:`);
  const measured = await compare({ rounds: pace.rounds, tell, ours, yardstick });
  await checkAnswer(load, new Uint8Array(request), answer);
  return measured;
}

/** The figures are those of the form that is worse beside the echo. */
async function runConnect(context: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-connect-"));
  closing.defer(() => rm(folder, { recursive: true }));
  const parley = await openMemoryParley();
  closing.defer(() => parley.close());
  const echo = await startYardstick("connect-echo", Buffer.from(ANSWER).toString("base64"));
  closing.defer(() => echo.close());
  const json = await measureForm(context, "json", join(folder, "json"), parley, echo);
  const binary = await measureForm(context, "binary", join(folder, "binary"), parley, echo);
  const figures = {
    ...{ json: json.ours, jsonEcho: json.yardstick!, jsonRatio: json.ratio! },
    ...{ binary: binary.ours, binaryEcho: binary.yardstick!, binaryRatio: binary.ratio! },
  };
  return { case: "connect", unit: "calls/s", ...(json.ratio! < binary.ratio! ? json : binary), figures };
}

export const CONNECT: BenchCase = {
  name: "connect",
  about:
    "Connect CreateMessage, JSON and binary, through the edge, 64 connections of HTTP/1.1, the api answering from memory",
  yardstick: "a connect-node echo over HTTP/1.1 that parses the same request and answers a message of the same size",
  goals: [ratioAtLeast(1)],
  needs: ["h2load"],
  run: runConnect,
};
