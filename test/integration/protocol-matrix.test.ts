import { create, type DescMethodUnary, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Edge } from "../../edge/edge.ts";
import { type Application, ApplicationSchema } from "../../gen/parley/v1/application_pb.ts";
import { PARLEY_SERVICES } from "../../services/parley-services.ts";
import { startEdgeBefore } from "../edge-in-process.ts";
import { openParley, type Parley } from "../open-parley.ts";
import { openTransports, PROTOCOLS, type Protocol, type Transports } from "../protocols.ts";
import { withKey } from "../tenant.ts";
import { type Names, RPC_CASES, type RpcCase } from "./rpc-cases.ts";

const METHODS = PARLEY_SERVICES.flatMap(({ methods }) => methods.map((method) => method as DescMethodUnary));

/** How long the search index may take on a machine that does much else. */
const INDEXED_MS = 20_000;

const NO_NAMES: Names = { application: "", chat: "", message: "" };

/** What may differ between two runs of the same calls: tokens, keys, times, etags, page tokens and counts. */
function withoutIdentity(json: JsonValue): JsonValue {
  const text = JSON.stringify(json, (name, value) => {
    if (/Count$/.test(name)) return undefined;
    if (/Time$/.test(name) || ["etag", "apiKey", "nextPageToken"].includes(name)) return value === "" ? "" : "given";
    return value;
  });
  return JSON.parse(text.replaceAll(/applications\/[0-9a-z]{26}/g, "applications/token")) as JsonValue;
}

/** One case by one protocol, and what it tells of the names that later ones need. */
async function send(transport: Transport, { method, request }: RpcCase, names: Names): Promise<Message> {
  const answer = await transport.unary(method, undefined, undefined, undefined, create(method.input, request(names)));
  expect(answer.header.get("x-request-id")).toMatch(/^[!-~]{36}$/);
  return answer.message;
}

function namesIn({ name }: Application): Names {
  return { application: name, chat: `${name}/chats/1`, message: `${name}/chats/1/messages/1` };
}

/** `rest`, or `rest through an edge of its own` */
function wayOf(protocol: Protocol, edge: number): string {
  return edge === 0 ? protocol : `${protocol} through an edge of its own`;
}

/** Runs every case by one protocol; resolves with the answers by method. */
async function runCases(transport: Transport, adminKey: string): Promise<Map<string, JsonValue>> {
  const [createApplication, ...others] = RPC_CASES;
  const application = (await send(withKey(transport, adminKey), createApplication!, NO_NAMES)) as Application;
  const names = namesIn(application);
  const keys = { admin: adminKey, application: application.apiKey };
  const answers = new Map([
    [createApplication!.method.toString(), withoutIdentity(toJson(ApplicationSchema, application))],
  ]);
  for (const each of others) {
    const ask = () => send(withKey(transport, keys[each.as]), each, names);
    const found = async () => {
      const message = await ask();
      expect(message).toHaveProperty("results.0.message.number", 1);
      return message;
    };
    const message = await (each.method.name === "SearchMessages" ? vi.waitFor(found, { timeout: INDEXED_MS }) : ask());
    answers.set(each.method.toString(), withoutIdentity(toJson(each.method.output, message)));
  }
  return answers;
}

describe("the same calls by every protocol", () => {
  let parley: Parley;
  let edge: Edge;
  const opened: Transports[] = [];
  const answers = new Map<string, Map<string, JsonValue>>();

  beforeAll(async () => {
    parley = await openParley();
    edge = await startEdgeBefore(parley.grpcAddress);
    opened.push(openTransports(parley), openTransports({ ...parley, address: edge.address }));
    await send(withKey(opened[0]!.grpc, parley.adminKey), RPC_CASES[0]!, NO_NAMES);
    for (const [index, transports] of opened.entries()) {
      for (const protocol of PROTOCOLS) {
        answers.set(wayOf(protocol, index), await runCases(transports[protocol], parley.adminKey));
      }
    }
  });

  afterAll(async () => {
    for (const transports of opened) transports.close();
    await edge.stop();
    await parley.close();
  });

  test.each(METHODS.map((method) => [method.toString()]))("%s gives the same resource", (method) => {
    const first = answers.get("grpc")?.get(method);
    expect(first, "has a case in rpc-cases.ts").toBeDefined();
    for (const [way, of] of answers) expect(of.get(method), way).toEqual(first);
  });

  test("the answers hold what was asked for", () => {
    const of = (method: string) => [...answers.get("grpc")!].find(([name]) => name.endsWith(`.${method}`))?.[1];
    expect(of("CreateApplication")).toMatchObject({ displayName: "Matrix", apiKey: "given", createTime: "given" });
    expect(of("CreateChat")).toMatchObject({ number: 1, kind: "KIND_OPEN", metadata: { a: "1", b: "2" } });
    expect(of("CreateMessage")).toMatchObject({
      number: 1,
      body: "Grüße, 世界 👋\n<b>&amp;</b>",
      author: { user: "u.1", displayName: "Ü", type: "TYPE_BACKEND" },
      requestId: "7b2f0c4e-6f0c-4a59-8d6b-0d4fdc1f3f11",
    });
    expect(of("BatchCreateMessages")).toMatchObject({ messages: [{ number: 2 }, { number: 3 }] });
    expect(of("UpdateMessage")).toMatchObject({ body: "edited", metadata: { x: "y" }, editTime: "given" });
    expect(of("DeleteMessage")).not.toHaveProperty("body");
    expect(of("DeleteChat")).toEqual({});
    expect(of("UpdateChat")).toMatchObject({ title: "renamed" });
    expect(of("UpdateChat")).not.toHaveProperty("metadata");
  });
});
