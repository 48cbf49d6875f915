import { create, type DescMethodUnary, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Edge } from "../../edge/edge.ts";
import { type Application, ApplicationSchema } from "../../gen/parley/v1/application_pb.ts";
import { PARLEY_SERVICES } from "../../services/parley-services.ts";
import { startEdgeBefore } from "../edge-in-process.ts";
import { type Mailbox, openMailbox } from "../mailbox.ts";
import { openParley, type Parley } from "../open-parley.ts";
import { openTransports, PROTOCOLS, type Protocol, type Transports } from "../protocols.ts";
import { withKey } from "../tenant.ts";
import { type Names, namesIn, type RpcCase } from "./rpc-case.ts";
import { RPC_CASES } from "./rpc-cases.ts";
import { RpcRun } from "./rpc-run.ts";

const METHODS = PARLEY_SERVICES.flatMap(({ methods }) => methods.map((method) => method as DescMethodUnary));

/** How long the search index may take on a machine that does much else. */
const INDEXED_MS = 20_000;

/** What is another one in each run, and may be absent. */
const OWN = ["etag", "apiKey", "nextPageToken", "accessToken", "refreshToken"];

/** What may differ between two runs of the same calls: tokens, keys, ids, times, etags, page tokens and counts. */
function withoutIdentity(json: JsonValue): JsonValue {
  const text = JSON.stringify(json, (name, value) => {
    if (/Count$/.test(name)) return undefined;
    if (/Time$/.test(name) || OWN.includes(name)) return value === "" ? "" : "given";
    return value;
  });
  const nameless = text.replaceAll(/applications\/[0-9a-z]{26}/g, "applications/token");
  return JSON.parse(nameless.replaceAll(/(users|tokenKeys)\/[0-9a-z]{26}/g, "$1/id")) as JsonValue;
}

/** One case by one protocol. */
async function send(transport: Transport, { method, request }: RpcCase, names: Names): Promise<Message> {
  const answer = await transport.unary(method, undefined, undefined, undefined, create(method.input, request(names)));
  expect(answer.header.get("x-request-id")).toMatch(/^[!-~]{36}$/);
  return answer.message;
}

/** `rest`, or `rest through an edge of its own` */
function wayOf(protocol: Protocol, edge: number): string {
  return edge === 0 ? protocol : `${protocol} through an edge of its own`;
}

/** Runs every case by one protocol; resolves with the answers by the cases' names. */
async function runCases(transport: Transport, adminKey: string, mailbox: Mailbox): Promise<Map<string, JsonValue>> {
  const [createApplication, ...others] = RPC_CASES;
  const application = (await send(withKey(transport, adminKey), createApplication!, namesIn(""))) as Application;
  const run = new RpcRun({ application: application.name, apiKey: application.apiKey, adminKey, mailbox });
  const answers = new Map([[createApplication!.name, withoutIdentity(toJson(ApplicationSchema, application))]]);
  for (const each of others) {
    const ask = () => send(withKey(transport, run.keyOf(each)), each, run.names);
    const found = async () => {
      const message = await ask();
      expect(message).toHaveProperty("results.0.message.number", 1);
      return message;
    };
    const isSearch = each.method.name === "SearchMessages";
    const message = await (isSearch ? vi.waitFor(found, { timeout: INDEXED_MS }) : ask()).catch((error: Error) => {
      throw new Error(`${each.name}: ${error.message}`, { cause: error });
    });
    await run.learn(each, message);
    answers.set(each.name, withoutIdentity(toJson(each.method.output, message)));
  }
  return answers;
}

describe("the same calls by every protocol", () => {
  let parley: Parley;
  let edge: Edge;
  let mailbox: Mailbox;
  const opened: Transports[] = [];
  const answers = new Map<string, Map<string, JsonValue>>();

  beforeAll(async () => {
    mailbox = await openMailbox();
    parley = await openParley(mailbox.settings);
    edge = await startEdgeBefore(parley.grpcAddress);
    opened.push(openTransports(parley), openTransports({ ...parley, address: edge.address }));
    await send(withKey(opened[0]!.grpc, parley.adminKey), RPC_CASES[0]!, namesIn(""));
    for (const [index, transports] of opened.entries()) {
      for (const protocol of PROTOCOLS) {
        answers.set(wayOf(protocol, index), await runCases(transports[protocol], parley.adminKey, mailbox));
      }
    }
  });

  afterAll(async () => {
    for (const transports of opened) transports.close();
    await edge.stop();
    await parley.close();
    await mailbox.close();
  });

  test.each(METHODS.map((method) => [method.toString(), method] as const))(
    "%s has a case in rpc-cases.ts",
    (_, method) => {
      expect(RPC_CASES.map((each) => each.method)).toContain(method);
    },
  );

  test.each(RPC_CASES.map(({ name }) => [name]))("%s gives the same resource", (name) => {
    const first = answers.get("grpc")?.get(name);
    expect(first).toBeDefined();
    for (const [way, of] of answers) expect(of.get(name), way).toEqual(first);
  });

  test("the answers hold what was asked for", () => {
    const of = (name: string) => answers.get("grpc")?.get(name);
    expect(of("CreateApplication")).toMatchObject({ displayName: "Matrix", apiKey: "given", createTime: "given" });
    expect(of("CreateChat")).toMatchObject({ number: 1, kind: "KIND_OPEN", metadata: { a: "1", b: "2" } });
    expect(of("CreateMessage")).toMatchObject({
      number: 1,
      body: "Grüße, 世界 👋\n<b>&amp;</b>",
      author: { user: "u.1", displayName: "Ü", type: "TYPE_BACKEND" },
      requestId: "7b2f0c4e-6f0c-4a59-8d6b-0d4fdc1f3f11",
    });
    expect(of("BatchCreateMessages")).toMatchObject({ messages: [{ number: 2 }, { number: 3 }] });
    expect(of("BatchCreateMessages")).toMatchObject({ messages: [{}, { replyTo: 1, mentions: ["ada"] }] });
    expect(of("UpdateMessage")).toMatchObject({ body: "edited", metadata: { x: "y" }, editTime: "given" });
    expect(of("DeleteMessage")).not.toHaveProperty("body");
    expect(of("DeleteChat")).toEqual({});
    expect(of("UpdateChat")).toMatchObject({ title: "renamed" });
    expect(of("UpdateChat")).not.toHaveProperty("metadata");
    expect(of("AddReaction")).toMatchObject({ reactions: [{ emoji: "👩‍💻", users: ["ada"] }] });
    expect(of("RemoveReaction")).not.toHaveProperty("reactions");
    expect(of("CreateUser of an agent")).toMatchObject({ role: "ROLE_AGENT", email: "grace@example.com" });
    expect(of("UpdateMember")).toMatchObject({ user: "grace", role: "ROLE_ADMIN" });
    expect(of("AssignSupportChat")).toMatchObject({ kind: "KIND_SUPPORT", support: { agent: "grace" } });
    expect(of("CloseSupportChat")).toMatchObject({ support: { status: "STATUS_CLOSED", closeTime: "given" } });
    expect(of("RefreshTokens")).toMatchObject({ accessToken: "given", refreshToken: "given" });
    expect(of("DeleteUser")).toEqual({});
  });
});
