import { create, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Edge } from "../../edge/edge.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { startEdgeBefore } from "../edge-in-process.ts";
import { type Failure, failureOf } from "../failure.ts";
import { openParley, type Parley } from "../open-parley.ts";
import { openTransports, PROTOCOLS, type Transports } from "../protocols.ts";
import { readState } from "../stored-state.ts";
import { createTenant, servicesOf, type Tenant, withKey } from "../tenant.ts";
import type { Scene } from "./failure-case.ts";
import { FAILURE_CASES } from "./failure-cases.ts";
import { type Names, namesIn } from "./rpc-case.ts";
import { RPC_CASES } from "./rpc-cases.ts";

const ADMIN_ONLY = ["CreateApplication", "ListApplications", "DeleteApplication"];
const NOWHERE = `applications/${"0".repeat(26)}`;
const EMAIL = "ada@example.com";
const REQUEST_ID = "0d9a3a3e-9a14-4f0e-8f0e-2f1d9c3b7a10";
const text = (body: string) => ({ content: { case: "body" as const, value: body } });

let parley: Parley;
let edge: Edge;
let transports: Transports;
/** By the same protocols, but through an edge of its own. */
let throughEdge: Transports;
let tenant: Tenant;
let other: Tenant;
let scene: Scene;
let state: Record<string, string>;
const KEYED = RPC_CASES.filter(({ as }) => as === "admin" || as === "application");
const CASES = KEYED.map((each) => [each.name, each] as const);
const NAMED = CASES.filter(([name]) => !["CreateApplication", "ListApplications"].includes(name));

/** Their fields name users, of whom there are none where there is no application. */
const NEEDING_USERS = ["CreateChat of a group", "CreateChat of a support session"];

/** All that is stored, but for the counts, which follow by themselves. */
async function readStill(): Promise<Record<string, string>> {
  const stored = await readState(servicesOf(transports.grpc, parley.adminKey));
  const still = Object.entries(stored).map(([name, json]) => [name, json.replace(/"\w+Count":\d+,/, "")]);
  return Object.fromEntries(still) as Record<string, string>;
}

async function build(): Promise<Scene> {
  const { chats, messages, users, name: application } = tenant;
  await users.createUser({ parent: application, userId: "ada", user: { email: EMAIL } });
  await users.createUser({ parent: application, user: {}, requestId: REQUEST_ID });
  await users.createUser({ parent: application, userId: "grace", user: { role: User_Role.AGENT } });
  const { name: chat } = await chats.createChat({ parent: application, chat: {}, requestId: REQUEST_ID });
  await chats.createChat({ parent: application, chat: {} });
  const chatOfAda = { kind: Chat_Kind.GROUP, creator: "ada" };
  const group = await chats.createChat({ parent: application, chat: { ...chatOfAda, members: ["grace"] } });
  const live = await messages.createMessage({ parent: chat, message: text("live"), requestId: REQUEST_ID });
  const gone = await messages.createMessage({ parent: chat, message: text("gone") });
  await messages.deleteMessage({ name: gone.name });
  await servicesOf(transports.grpc, parley.adminKey).applications.createApplication({
    application: { displayName: "first" },
    requestId: REQUEST_ID,
  });
  const chatsPage = await chats.listChats({ parent: application, pageSize: 1 });
  const messagesPage = await messages.listMessages({ parent: chat, pageSize: 1 });
  return {
    ...{
      ...namesIn(application),
      chat,
      group: group.name,
      message: live.name,
      tombstone: gone.name,
      email: EMAIL,
      requestId: REQUEST_ID,
    },
    ...{ chatsPageToken: chatsPage.nextPageToken, messagesPageToken: messagesPage.nextPageToken },
  };
}

/** The failure of a call by every protocol, with the edge in one process and of its own, which must be one and the same. */
async function failureByAll(method: DescMethodUnary, request: Message, key: string): Promise<Failure> {
  const failures: Failure[] = [];
  for (const each of [transports, throughEdge]) {
    for (const protocol of PROTOCOLS) {
      const transport = withKey(each[protocol], key);
      failures.push(await failureOf(transport.unary(method, undefined, undefined, undefined, request)));
    }
  }
  for (const [index, failure] of failures.entries()) {
    expect(failure, PROTOCOLS[index % PROTOCOLS.length]).toEqual(failures[0]);
  }
  expect(failures[0]!.domain).toBe("parley");
  expect(failures[0]!.message).not.toBe("");
  return failures[0]!;
}

beforeAll(async () => {
  // Of its own, since all that is stored is read.
  parley = await openParley({ COUNT_INTERVAL: "30m" });
  transports = openTransports(parley);
  edge = await startEdgeBefore(parley.grpcAddress);
  throughEdge = openTransports({ ...parley, address: edge.address });
  tenant = await createTenant(transports.grpc, parley.adminKey);
  other = await createTenant(transports.grpc, parley.adminKey);
  scene = await build();
  state = await readStill();
});

afterAll(async () => {
  expect(await readStill()).toEqual(state);
  throughEdge.close();
  await edge.stop();
  transports.close();
  await parley.close();
});

describe("every method by every protocol", () => {
  test.each(CASES)("%s with another application's key", async (name, { method, request }) => {
    const failure = await failureByAll(method, create(method.input, request(scene)), other.key);
    if (ADMIN_ONLY.includes(name)) expect(failure).toMatchObject({ code: "PermissionDenied", reason: "METHOD_DENIED" });
    else expect(failure).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND" });
  });

  test.each(CASES.filter(([name]) => ADMIN_ONLY.includes(name)))(
    "%s with the application's own key",
    async (_, { method, request }) => {
      const failure = await failureByAll(method, create(method.input, request(scene)), tenant.key);
      expect(failure).toMatchObject({ code: "PermissionDenied", reason: "METHOD_DENIED" });
    },
  );

  test.each(NAMED)("%s of a malformed name", async (_, { method, request }) => {
    const malformed: Names = {
      ...namesIn("applications/UPPER"),
      chat: `${scene.application}/chats/01`,
      group: `${scene.application}/chats/02`,
      message: `${scene.chat}/messages/0`,
      user: `${scene.application}/users/no spaces`,
      tokenKey: `${scene.application}/tokenKeys/1`,
    };
    const failure = await failureByAll(method, create(method.input, request(malformed)), parley.adminKey);
    expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID" });
    expect(failure.fields[0]).toMatch(/^(parent|((application|user|chat|member|message)\.)?name)$/);
  });

  test.each(NAMED.filter(([name]) => !NEEDING_USERS.includes(name)))(
    "%s of what does not exist",
    async (_, { method, request }) => {
      const absent: Names = {
        ...namesIn(scene.application),
        application: NOWHERE,
        chat: `${scene.application}/chats/404`,
        group: `${scene.application}/chats/405`,
        message: `${scene.chat}/messages/404`,
        support: `${scene.application}/chats/406`,
        member: `${scene.group}/members/nobody`,
        user: `${scene.application}/users/nobody`,
      };
      const failure = await failureByAll(method, create(method.input, request(absent)), parley.adminKey);
      expect(failure).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND", fields: [] });
      expect(Object.values(absent)).toContain(failure.metadata.resource?.replace(/\/members\/ada$/, ""));
    },
  );
});

describe("the same failure by every protocol", () => {
  test.each(FAILURE_CASES.map((each) => [each.name, each] as const))(
    "%s",
    async (_, { method, request, expected, as }) => {
      const key = as === "admin" ? parley.adminKey : tenant.key;
      const failure = await failureByAll(method, create(method.input, request(scene)), key);
      expect(failure).toMatchObject(expected(scene));
    },
  );
});
