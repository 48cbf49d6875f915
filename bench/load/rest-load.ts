import { toJsonString } from "@bufbuild/protobuf";
import { CreateMessageRequestSchema, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import type { Pace, Sample } from "../bench-case.ts";
import { MEMORY_PARENT } from "../installation/memory-api-process.ts";
import { warmUp } from "../measure/warm-up.ts";
import { type Load, sampleH2load } from "./h2load.ts";
import { createdMessage, createRequest } from "./workload.ts";

/** Keep-alive connections of HTTP/1.1, each with one request at a time. */
export const HTTP1 = { connections: 64, streams: 1, isHttp1: true };

/** What is sent and answered, as JSON. */
export const REQUEST_JSON = toJsonString(CreateMessageRequestSchema, createRequest(MEMORY_PARENT));
export const ANSWER_JSON = toJsonString(MessageSchema, createdMessage(MEMORY_PARENT));

/** Whose it is the edge's api does not ask. */
export const CREDENTIAL = { authorization: `Bearer parley_${"0".repeat(52)}` };

/** Warms a server up; what is returned loads it for about `pace.seconds`, and gives a sample. */
export async function prepareLoad(
  load: Load,
  pids: Readonly<Record<string, number>>,
  pace: Pace,
): Promise<() => Promise<Sample>> {
  const sample = (count: number) => sampleH2load(load, count, pids);
  const count = await warmUp(pace, sample);
  return () => sample(count);
}

/** Sends one such request. Rejects where the answer is not 200 with this body; JSON is compared as what it says. */
export async function checkAnswer(
  load: Load,
  body: string | Uint8Array<ArrayBuffer>,
  expected: string | Uint8Array,
): Promise<void> {
  const response = await fetch(load.urls[0]!, { method: "POST", headers: load.headers, body });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isSame =
    typeof expected === "string" ? normalize(bytes.toString()) === normalize(expected) : bytes.equals(expected);
  if (response.status === 200 && isSame) return;
  throw new Error(`${load.urls[0]} was answered with ${response.status} and ${bytes}`);
}

/** JSON without its spaces. */
function normalize(json: string): string {
  return JSON.stringify(JSON.parse(json));
}
