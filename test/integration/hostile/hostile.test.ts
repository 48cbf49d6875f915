import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { text as content } from "../../message-text.ts";
import type { RpcCase } from "../rpc-case.ts";
import { RPC_CASES } from "../rpc-cases.ts";
import { CALL_INPUTS } from "./call-inputs.ts";
import { GET_INPUTS } from "./get-inputs.ts";
import type { Cell, HostileInput, Verdict } from "./hostile-input.ts";
import { JSON_SYNTAX_INPUTS } from "./json-syntax-inputs.ts";
import { JSON_VALUE_INPUTS } from "./json-value-inputs.ts";
import { LONG_INPUTS } from "./long-inputs.ts";
import { PROTOBUF_INPUTS } from "./protobuf-inputs.ts";
import { REST_INPUTS } from "./rest-inputs.ts";
import { REST_TARGET_INPUTS } from "./rest-target-inputs.ts";
import { CHATS, MESSAGES, openScene, type Scene } from "./scene.ts";
import { verdictOf } from "./verdict.ts";
import { requestOf, type Way } from "./wire-request.ts";

/** In a message without fields there is nothing to spoil. */
const CASES = RPC_CASES.filter(({ method }) => method.input.fields.length > 0);

let scene: Scene;
let state: Record<string, string>;

async function open(): Promise<void> {
  scene = await openScene();
  state = await scene.readState();
}

/** The state after an input; where it is another, the inputs that follow get a scene of their own. */
async function readStateAfter(): Promise<Record<string, string>> {
  const before = state;
  const after = await scene.readState();
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    await scene.close();
    await open();
  }
  return after;
}

beforeAll(open);

afterAll(async () => {
  await scene.close();
});

function cellOf(way: Way, { method, as, request }: RpcCase): Cell {
  const { parley, tenant, names } = scene;
  const key = as === "admin" ? parley.adminKey : tenant.key;
  const message = create(method.input, request(names));
  return { way, method, message, key, request: requestOf(way, method, message, key) };
}

/** What each way answers to an input in each RPC, and what it has to answer. */
async function judge({ spoil, expected }: HostileInput): Promise<[actual: object, wanted: object]> {
  const actual: Record<string, Verdict> = {};
  const wanted: Record<string, Verdict> = {};
  for (const [way, verdicts] of Object.entries(expected) as [Way, Verdict[]][]) {
    await Promise.all(
      CASES.map(async (each) => {
        const request = spoil(cellOf(way, each));
        if (request === undefined) return;
        const name = `${way} ${each.name}`;
        const verdict = await scene.caller.send(way, request).then(verdictOf, noAnswer);
        actual[name] = verdict;
        wanted[name] = verdicts.includes(verdict) ? verdict : verdicts.join(" or ");
      }),
    );
  }
  expect(Object.keys(actual)).not.toEqual([]);
  return [actual, wanted];
}

function noAnswer(error: Error): Verdict {
  return `no answer: ${error.message}`;
}

describe.each([
  ["calls", [...CALL_INPUTS, ...GET_INPUTS]],
  ["JSON", [...JSON_SYNTAX_INPUTS, ...JSON_VALUE_INPUTS]],
  ["REST", [...REST_INPUTS, ...REST_TARGET_INPUTS]],
  ["fields", LONG_INPUTS],
  ["Protobuf", PROTOBUF_INPUTS],
])("%s", (_, inputs) => {
  test.each(inputs.map((input) => [input.name, input] as const))("%s", async (_name, input) => {
    const before = state;
    const [actual, wanted] = await judge(input);
    scene.expectNoFault();
    const after = await readStateAfter();
    expect(actual).toEqual(wanted);
    expect(after).toEqual(before);
  });
});

test("no number was used up: the next ones follow", async () => {
  const { tenant, names } = scene;
  const message = await tenant.messages.createMessage({ parent: names.chat, message: content("next") });
  expect(message.number).toBe(MESSAGES + 1);
  expect((await tenant.chats.createChat({ parent: tenant.name, chat: {} })).number).toBe(CHATS + 1);
});
