import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { SqliteConnection } from "../../../services/sqlite/sqlite-connection.ts";
import { text } from "../../message-text.ts";
import { openParleySession, type ParleySession } from "../../parley-session.ts";
import type { Tenant } from "../../tenant.ts";

const LISTS = 30;

let session: ParleySession;

beforeEach(async () => {
  session = await openParleySession({ RECENT_BYTES_MAX: "0", METRICS: "public" });
  // Not after each: what a test holds back has to be released before.
  onTestFinished(() => session.close());
});

/** A tenant with a chat of one message, none of which is in memory. */
async function openChat(): Promise<{ tenant: Tenant; chat: string; message: string }> {
  const tenant = await session.createTenant();
  const { name: chat } = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
  const { name: message } = await tenant.messages.createMessage({ parent: chat, message: text("x") });
  await tenant.messages.listMessages({ parent: chat });
  return { tenant, chat, message };
}

/** Holds the database's lists back until they are released; the others go on. */
function holdLists() {
  const all = SqliteConnection.prototype.all;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  onTestFinished(() => {
    release();
    vi.restoreAllMocks();
  });
  /** The statements that were asked of the database. */
  const lists: string[] = [];
  const gets: string[] = [];
  vi.spyOn(SqliteConnection.prototype, "all").mockImplementation(async function (this: SqliteConnection, sql, values) {
    if (/FROM messages .* LIMIT 501/.test(sql)) {
      lists.push(sql);
      await released;
    } else if (/FROM `messages`.*`number` = 1\b/.test(sql)) gets.push(sql);
    return all.call(this, sql, values) as never;
  });
  return { lists, gets, release };
}

/** A connection over which requests were sent one after the other, without waiting for their answers. */
async function pipeline(paths: readonly string[], key: string): Promise<Socket> {
  const { hostname, port } = new URL(session.address);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const head = `HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${key}\r\n\r\n`;
  socket.write(paths.map((path) => `GET ${path} ${head}`).join(""));
  return socket;
}

/** How many lists were given up by their callers. */
async function countCancelled(): Promise<number> {
  const metrics = await (await fetch(`${session.address}/metrics`)).text();
  const lines = metrics.split("\n").filter((line) => /^parley_requests_total.*"Canceled".*ListMessages/.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

test("lists whose caller is gone are not read, and nobody waits for them", async () => {
  const attacker = await openChat();
  const other = await openChat();
  const { lists, gets, release } = holdLists();
  // The message that a connection asks for last is read when its list waits.
  const paths = [`/v1/${attacker.chat}/messages?pageSize=500`, `/v1/${attacker.message}`];
  const sockets = await Promise.all(Array.from({ length: LISTS }, () => pipeline(paths, attacker.tenant.key)));
  await vi.waitFor(() => expect(gets).toHaveLength(LISTS), { timeout: 5_000 });
  expect(lists).toHaveLength(1);
  expect(await other.tenant.chats.getChat({ name: other.chat })).toMatchObject({ name: other.chat });
  expect(await other.tenant.messages.getMessage({ name: other.message })).toMatchObject({ number: 1 });
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(async () => expect(await countCancelled()).toBe(LISTS), { timeout: 5_000 });
  const listed = other.tenant.messages.listMessages({ parent: other.chat, pageSize: 500 });
  release();
  expect((await listed).messages).toHaveLength(1);
  expect(lists).toHaveLength(2);
});

test("a list waits for no more than one or two of another application, however many that asks for", async () => {
  const busy = await openChat();
  const other = await openChat();
  const { lists, gets, release } = holdLists();
  const ask = ({ tenant, chat }: typeof busy) => tenant.messages.listMessages({ parent: chat, pageSize: 500 });
  const many = Array.from({ length: LISTS }, () => ask(busy));
  await busy.tenant.messages.getMessage({ name: busy.message });
  const one = ask(other);
  await other.tenant.messages.getMessage({ name: other.message });
  expect(gets).toHaveLength(2);
  release();
  await Promise.all([...many, one]);
  const token = other.tenant.name.split("/")[1]!;
  expect(lists).toHaveLength(LISTS + 1);
  expect(lists.findIndex((sql) => sql.includes(token))).toBeLessThanOrEqual(2);
});
