import { timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Message, ListMessagesRequest_Order as Order } from "../../gen/parley/v1/message_pb.ts";
import { createGrpcJsTransport, type GrpcJsTransport } from "../grpc-js-transport.ts";
import { bodyOf, text } from "../message-text.ts";
import { openParleyProcess, type Parley, runsOnServers } from "../open-parley.ts";
import { createTenant, servicesOf, type Tenant } from "../tenant.ts";

const CONNECTIONS = 64;
const CHATS = 10;
/** On servers, on a machine that does much else, every step of a create waits its turn. */
const MESSAGES = runsOnServers ? 5_000 : 20_000;

let parley: Omit<Parley, "restart">;
let connections: GrpcJsTransport[];
let tenant: Tenant;

beforeAll(async () => {
  parley = await openParleyProcess();
  const addresses = parley.grpcAddress.split(",");
  connections = Array.from({ length: CONNECTIONS }, (_, index) =>
    createGrpcJsTransport(addresses[index % addresses.length]!),
  );
  tenant = await createTenant(connections[0]!, parley.adminKey);
});

afterAll(async () => {
  for (const connection of connections) connection.close();
  await parley.close();
});

async function readAll(chat: string): Promise<Message[]> {
  const found: Message[] = [];
  let pageToken = "";
  do {
    const request = { parent: chat, pageSize: 500, order: Order.OLDEST_FIRST, pageToken };
    const page = await tenant.messages.listMessages(request);
    found.push(...page.messages);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

test(`${CONNECTIONS} connections create ${MESSAGES} messages in ${CHATS} chats: 1 to N in each, each once, in order of time`, async () => {
  const chats: string[] = [];
  for (let chat = 0; chat < CHATS; chat++) {
    chats.push((await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name);
  }
  const answered = new Map<string, string>();
  let sent = 0;
  const work = async (connection: GrpcJsTransport) => {
    const { messages } = servicesOf(connection, tenant.key);
    while (sent < MESSAGES) {
      const body = `message ${sent}`;
      const parent = chats[sent++ % CHATS]!;
      const { name } = await messages.createMessage({ parent, message: text(body) });
      expect(answered.has(name), `${name} is given once`).toBe(false);
      answered.set(name, body);
    }
  };
  const start = performance.now();
  await Promise.all(connections.map(work));
  const seconds = (performance.now() - start) / 1_000;
  process.stdout.write(`${MESSAGES} creates in ${seconds.toFixed(1)} s: ${Math.round(MESSAGES / seconds)} a second\n`);

  expect(answered.size).toBe(MESSAGES);
  for (const chat of chats) {
    const stored = await readAll(chat);
    expect(stored.map(({ number }) => number)).toEqual(
      Array.from({ length: MESSAGES / CHATS }, (_, index) => index + 1),
    );
    for (const message of stored) expect(answered.get(message.name)).toBe(bodyOf(message));
    const times = stored.map(({ createTime }) => timestampMs(createTime!));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
  expect(new Set(answered.values()).size).toBe(MESSAGES);
});
