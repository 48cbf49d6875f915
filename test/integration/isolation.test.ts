import { create, type DescMethodUnary, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { failureOf } from "../failure.ts";
import { callGrpcJs, statusDetailsOf } from "../grpc-js-transport.ts";
import { openParley, type Parley } from "../open-parley.ts";
import { openTransports, PROTOCOLS, type Protocol, type Transports } from "../protocols.ts";
import { exchange, type RawAnswer, toRestRequest } from "../rest-transport.ts";
import { createTenant, servicesOf, type Tenant, withKey } from "../tenant.ts";
import { namesIn as firstNamesIn, type Names } from "./rpc-case.ts";
import { RPC_CASES } from "./rpc-cases.ts";

const CASES = RPC_CASES.filter(({ as }) => as === "application");
/** Whether their users are there is found out before whether the application is. */
const NAMING_USERS = ["CreateChat of a group", "CreateChat of a support session"];
const CHAT = 3;
const REQUEST_ID = "one-id-for-all";

let parley: Parley;
let transports: Transports;
let victim: Tenant;
let stranger: Tenant;

function namesIn(application: string): Names {
  const chat = `${application}/chats/${CHAT}`;
  // Users and members whom the stranger does not have.
  const others = { user: `${application}/users/nobody`, member: `${chat}/members/nobody` };
  return { ...firstNamesIn(application), ...others, chat, group: chat, support: chat, message: `${chat}/messages/1` };
}

/** gRPC-Web's frame of one message. */
function frame(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** All that an HTTP answer says, but for the time. */
function textOf({ status, headers, body }: RawAnswer): string {
  headers.delete("date");
  return JSON.stringify([status, [...headers].sort(), body.toString("latin1")]);
}

function post(method: DescMethodUnary, headers: Record<string, string>, body: string | Uint8Array): Promise<string> {
  const url = `${parley.address}/${method.parent.typeName}/${method.name}`;
  return exchange(url, { method: "POST", headers, body }).then(textOf);
}

/** What a caller gets on the wire, byte for byte. */
const SENDERS: Record<
  Protocol,
  (method: DescMethodUnary, message: Message, headers: Record<string, string>) => Promise<string>
> = {
  async grpc(method, message, headers) {
    const call = callGrpcJs(transports.grpc.client, method, toBinary(method.input, message), new Headers(headers));
    const error = (await call.catch((failure: unknown) => failure)) as ServiceError;
    const { "grpc-status-details-bin": _, ...metadata } = error.metadata.getMap();
    return JSON.stringify([
      error.code,
      error.details,
      statusDetailsOf(error).toString("hex"),
      { ...metadata, date: "" },
    ]);
  },
  connect: (method, message, headers) =>
    post(method, { ...headers, "content-type": "application/json" }, toJsonString(method.input, message)),
  "grpc-web": (method, message, headers) =>
    post(method, { ...headers, "content-type": "application/grpc-web+proto" }, frame(toBinary(method.input, message))),
  async rest(method, message, headers) {
    const { httpMethod, target, body } = toRestRequest(method, message);
    const all = body === undefined ? headers : { ...headers, "content-type": "application/json" };
    return textOf(
      await exchange(parley.address + target, { method: httpMethod, headers: all, body: JSON.stringify(body) }),
    );
  },
};

/** The stranger's answers to every method on the victim's names, by protocol and method. */
async function probe(): Promise<Map<string, string>> {
  const headers = { authorization: `Bearer ${stranger.key}`, "x-request-id": REQUEST_ID };
  const answers = new Map<string, string>();
  for (const protocol of PROTOCOLS) {
    for (const { name, method, request } of CASES) {
      const message = create(method.input, request(namesIn(victim.name)));
      answers.set(`${protocol} ${name}`, await SENDERS[protocol](method, message, headers));
    }
  }
  return answers;
}

beforeAll(async () => {
  parley = await openParley();
  transports = openTransports(parley);
  victim = await createTenant(transports.grpc, parley.adminKey);
  stranger = await createTenant(transports.grpc, parley.adminKey);
  for (const [userId, role] of Object.entries({ ada: User_Role.USER, grace: User_Role.AGENT })) {
    await stranger.users.createUser({ parent: stranger.name, userId, user: { role } });
  }
});

afterAll(async () => {
  transports.close();
  await parley.close();
});

test("what belongs to another application reads byte for byte like what does not exist", async () => {
  const before = await probe();
  for (let chat = 1; chat <= CHAT; chat++) {
    const { name } = await victim.chats.createChat({ parent: victim.name, chat: { title: "secret" } });
    await victim.messages.createMessage({ parent: name, message: { content: { case: "body", value: "grüße 世界" } } });
  }
  expect((await victim.messages.getMessage({ name: namesIn(victim.name).message })).number).toBe(1);
  const during = await probe();
  const { applications } = servicesOf(transports.grpc, parley.adminKey);
  await applications.deleteApplication({ name: victim.name, force: true });
  const after = await probe();

  expect(before.size).toBe(PROTOCOLS.length * CASES.length);
  for (const [call, answer] of before) {
    expect(answer, call).toContain(REQUEST_ID);
    expect(during.get(call), call).toBe(answer);
    expect(after.get(call), call).toBe(answer);
  }
});

test.each(CASES.flatMap((each) => (NAMING_USERS.includes(each.name) ? [] : [[each.name, each] as const])))(
  "%s: in another application it fails as in the own one, where it does not exist",
  async (_, { method, request }) => {
    const absent = `applications/${"0".repeat(26)}`;
    const ask = (names: Names, key: string) =>
      failureOf(
        withKey(transports.grpc, key).unary(
          method,
          undefined,
          undefined,
          undefined,
          create(method.input, request(names)),
        ),
      );
    // An application always exists for its own key; for that the administrator asks.
    const own = namesIn(stranger.name);
    const speaksOfChat = toJsonString(method.input, create(method.input, request(own))).includes("/chats/");
    const missing = speaksOfChat ? await ask(own, stranger.key) : await ask(namesIn(absent), parley.adminKey);
    const token = speaksOfChat ? stranger.name : absent;
    const foreign = await ask(namesIn(victim.name), stranger.key);
    expect(foreign).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND" });
    expect(JSON.stringify(foreign)).toBe(JSON.stringify(missing).replaceAll(token, victim.name));
  },
);

test("an application's lists and searches hold nothing of another", async () => {
  const other = await createTenant(transports.grpc, parley.adminKey);
  const mine = await stranger.chats.createChat({ parent: stranger.name, chat: {} });
  const theirs = await other.chats.createChat({ parent: other.name, chat: {} });
  const body = { content: { case: "body" as const, value: "sharedword" } };
  await other.messages.createMessage({ parent: theirs.name, message: body });
  await expect
    .poll(() => other.search.searchMessages({ parent: theirs.name, query: "sharedword" }))
    .toHaveProperty("results.length", 1);
  expect((await stranger.search.searchMessages({ parent: mine.name, query: "sharedword" })).results).toEqual([]);
  expect((await stranger.messages.listMessages({ parent: mine.name })).messages).toEqual([]);
  expect((await stranger.chats.listChats({ parent: stranger.name })).chats.map(({ name }) => name)).toEqual([
    mine.name,
  ]);
});
