import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toJsonString } from "@bufbuild/protobuf";
import { MessageSchema as Schema } from "../../gen/parley/v1/message_pb.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { ratioAtLeast } from "../goals.ts";
import {
  MEMORY_PARENT,
  type MemoryParley,
  openLocalMemoryParley,
  openMemoryParley,
} from "../installation/memory-api-process.ts";
import type { Load } from "../load/h2load.ts";
import { ANSWER_JSON, CREDENTIAL, checkAnswer, HTTP1, prepareLoad } from "../load/rest-load.ts";
import { createRequest } from "../load/workload.ts";
import { compare } from "../measure/compare.ts";
import { startYardstick } from "../yardsticks/yardstick-process.ts";

/** The message alone: the chat is in the path. */
const BODY = toJsonString(Schema, createRequest(MEMORY_PARENT).message!);

async function runRest(
  { pace, tell }: BenchContext,
  name: string,
  open: () => Promise<MemoryParley>,
): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-rest-"));
  closing.defer(() => rm(folder, { recursive: true }));
  const bodyFile = join(folder, "body");
  await writeFile(bodyFile, BODY);
  const parley = await open();
  closing.defer(() => parley.close());
  const constant = await startYardstick("fastify-constant", ANSWER_JSON);
  closing.defer(() => constant.close());
  const headers = { "content-type": "application/json", ...CREDENTIAL };
  const loadOf = (address: string): Load => {
    return { urls: [`${address}/v1/${MEMORY_PARENT}/messages`], headers, bodyFile, ...HTTP1 };
  };
  const [load, constantLoad] = [loadOf(parley.address), loadOf(`http://${constant.address}`)];
  await checkAnswer(load, BODY, ANSWER_JSON);
  const ours = await prepareLoad(load, parley.pids, pace);
  const yardstick = await prepareLoad(constantLoad, { fastify: constant.pid }, pace);
  const measured = await compare({ rounds: pace.rounds, tell, ours, yardstick });
  await checkAnswer(load, BODY, ANSWER_JSON);
  return { case: name, unit: "requests/s", ...measured };
}

const CONSTANT = "a Fastify handler that parses the same body and answers a constant of the same size";

/** The edge and the api as processes of their own. */
export const REST: BenchCase = {
  name: "rest",
  about: "POST …/messages through the edge, 64 keep-alive connections of HTTP/1.1, the api answering from memory",
  yardstick: CONSTANT,
  goals: [ratioAtLeast(0.3)],
  needs: ["h2load"],
  run: (context) => runRest(context, "rest", openMemoryParley),
};

export const REST_LOCAL: BenchCase = {
  name: "rest-local",
  about: "the same, edge and api in one process",
  yardstick: CONSTANT,
  goals: [ratioAtLeast(0.45)],
  needs: ["h2load"],
  run: (context) => runRest(context, "rest-local", openLocalMemoryParley),
};
