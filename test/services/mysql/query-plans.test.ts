import { create, toBinary } from "@bufbuild/protobuf";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RecordSchema, type Write } from "../../../gen/parley/queue/v1/record_pb.ts";
import { formatChatName, formatMessageName, MAX_NUMBER } from "../../../services/aip/resource-name.ts";
import { ApplicationStore } from "../../../services/application/application-store.ts";
import { ChatStore } from "../../../services/chat/chat-store.ts";
import type { Database } from "../../../services/database/database.ts";
import { Lease } from "../../../services/database/lease.ts";
import { ChangeFeed } from "../../../services/indexer/change-feed.ts";
import { AuthorMessages } from "../../../services/message/author-messages.ts";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import { type MessageQuery, MessageStore } from "../../../services/message/message-store.ts";
import { type MysqlSettings, openMysqlDatabase } from "../../../services/mysql/mysql-database.ts";
import { SqlNumberingSource } from "../../../services/numbering/sql-numbering-source.ts";
import { Scheduler } from "../../../services/scheduler/scheduler.ts";
import { type SessionQuery, SupportStore } from "../../../services/support/support-store.ts";
import type { WriteQueue } from "../../../services/write-queue/write-queue.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { findUnpublishedVerdicts } from "../../../services/writer/unpublished-verdicts.ts";
import { writeBatch } from "../../../services/writer/write-batch.ts";
import { unitsOf } from "../../../services/writer/write-unit.ts";
import { WriterPosition } from "../../../services/writer/writer-position.ts";
import { describeOn } from "../../servers/shared-server.ts";
import { createMysqlDatabase, dropMysqlDatabase } from "../mysql-test-database.ts";
import {
  chatWrite,
  createRequest,
  deleteApplicationWrite,
  deleteChatWrite,
  deleteMessageWrite,
  editWrite,
  messageWrite,
} from "../writes.ts";
import { applicationOf, principalOf, requestIdOf } from "./filled-names.ts";
import { APPLICATIONS, fillTables } from "./filled-tables.ts";
import { PEOPLE_CALLS, PEOPLE_LOOPS } from "./people-works.ts";
import { peopleWrites } from "./people-writes.ts";
import { faultsOf, indexesOf, isSearch, statementsOf } from "./query-plan.ts";

const FILL_TIMEOUT_MS = 120_000;
const DAY_MS = 86_400_000;
const APPLICATION = applicationOf(0);
/** The one with many messages. */
const CHAT = { application: APPLICATION, chat: 1 };

const signal = new AbortController().signal;
const queue = { append: async () => 1, end: async () => 0, trim: async () => 0 } as Partial<WriteQueue> as WriteQueue;
const page = (query: Partial<MessageQuery>): MessageQuery => ({
  ...{ after: 0, before: MAX_NUMBER + 1, newestFirst: true, limit: 51 },
  ...query,
});

/** Pages of support sessions, and in which index they are found. */
const SESSIONS: Record<string, [query: SessionQuery, index: string]> = {
  open: [{ view: "open" }, "chats_application_support_agent_support_status_number"],
  mine: [{ view: "mine", agent: "agent 2" }, "chats_application_support_agent_support_status_number"],
  all: [{ view: "all" }, "chats_application_kind_number"],
};

const listSessions = (database: Database, query: SessionQuery) =>
  new SupportStore(database).list(CHAT, query, { after: 100, limit: 51 }, signal);

type Works = [what: string, work: (database: Database) => Promise<unknown>][];

const CALLS: Works = [
  ...Object.entries({
    "CreateApplication, RotateApiKey": async (store: ApplicationStore) => {
      const digest = new Uint8Array();
      const { row } = await store.create(
        { displayName: "x", rateLimits: null, registrationClosed: 0 },
        { principal: "admin", requestId: requestIdOf(1), digest },
      );
      await store.rotateKey(row.token, { principal: "admin", requestId: requestIdOf(2), digest });
    },
    GetApplication: (store: ApplicationStore) => store.find(APPLICATION),
    ListApplications: (store: ApplicationStore) => store.list(51, undefined),
    "ListApplications, a further page": async (store: ApplicationStore) => {
      const rows = await store.list(51, { createTime: 1_500, token: applicationOf(500) });
      await store.previousKeyExpireTimes(rows.map(({ token }) => token));
    },
    UpdateApplication: (store: ApplicationStore) =>
      store.update(
        applicationOf(7),
        () => ({ displayName: "y" }),
        () => true,
      ),
    "a key": (store: ApplicationStore) => store.findKey("7".padStart(64, "0")),
  }).map(([what, work]): Works[number] => [
    what,
    (database) => work(new ApplicationStore(database, { keyGraceMs: DAY_MS, requestTtlMs: DAY_MS })),
  ]),
  ...Object.entries({
    GetChat: (store: ChatStore) => store.find(CHAT),
    "whether an application exists": (store: ChatStore) => store.hasApplication(CHAT),
    ListChats: (store: ChatStore) => store.list(CHAT, { before: MAX_NUMBER + 1, limit: 51 }, signal),
    "ListChats, a further page": (store: ChatStore) => store.list(CHAT, { before: 2_500, limit: 51 }, signal),
  }).map(([what, work]): Works[number] => [
    what,
    (database) => work(new ChatStore({ database, queue, horizon: undefined as never })),
  ]),
  ...Object.entries(SESSIONS).map(([view, [query]]): Works[number] => [
    `ListSupportChats, ${view}`,
    (database) => listSessions(database, query),
  ]),
  ...Object.entries({
    GetMessage: (store: MessageStore) => store.find({ ...CHAT, message: 7 }),
    "whether a chat exists": (store: MessageStore) => store.hasChat(CHAT),
    "messages that a search found": (store: MessageStore) =>
      store.findAll(
        CHAT,
        Array.from({ length: 51 }, (_, index) => index * 300 + 1),
        signal,
      ),
    "ListMessages, newest first": (store: MessageStore) => store.list(CHAT, page({}), signal),
    "ListMessages, oldest first, from the middle": (store: MessageStore) =>
      store.list(CHAT, page({ after: 10_000, newestFirst: false }), signal),
    "ListMessages of a frequent author": (store: MessageStore) =>
      store.list(CHAT, page({ before: 10_000, author: "user 3" }), signal),
    "ListMessages of a rare author": (store: MessageStore) =>
      store.list(CHAT, page({ author: "rare", newestFirst: false }), signal),
    "ListMessages from a time": (store: MessageStore) => store.firstNumberAt(CHAT, 11_000),
  }).map(([what, work]): Works[number] => [what, (database) => work(new MessageStore(database))]),
  ...Object.entries({
    "ListMessages in all chats, by the backend": { kind: "backend" },
    "ListMessages in all chats, by a user": { kind: "user", user: "user 3", isAgent: false },
    "ListMessages in all chats, by an agent": { kind: "user", user: "user 3", isAgent: true },
  } as const).flatMap(
    ([what, viewer]): Works =>
      [20_000, 10_000].map((before) => [
        `${what}, before ${before}`,
        (database) => {
          const chats = new ChatStore({ database, queue, horizon: new Horizon(1) });
          const query = { author: "user 3", before, limit: 51, viewer };
          return new AuthorMessages({ database, chats }).list(CHAT, query, signal);
        },
      ]),
  ),
];

const LOOPS: Works = [
  ["the writer at its start", (database) => findUnpublishedVerdicts(database, queue, 0, signal)],
  [
    "the seeds of counters",
    async (database) => {
      const source = new SqlNumberingSource(database, DAY_MS, () => DAY_MS);
      for (const counter of [{ application: APPLICATION, chat: undefined }, CHAT]) {
        await source.seed(counter);
        await source.claim(counter, 5);
      }
    },
  ],
  ...[1, 20, 700].map((count): Works[number] => [
    `${count} request_ids`,
    (database) => {
      const nameOf = (index: number) => ({
        ...{ application: APPLICATION, chat: 1 + (index % 100) },
        ...{ principal: principalOf(0), requestId: requestIdOf(index) },
      });
      const names = Array.from({ length: count }, (_, index) => nameOf(index * 7));
      return new SqlNumberingSource(database, DAY_MS, () => DAY_MS).findRequests(names);
    },
  ]),
  ...[1, 30].map((count): Works[number] => [`the writer, ${count} of each kind`, (database) => write(database, count)]),
  [
    "the position",
    async (database) => {
      const position = new WriterPosition(database);
      const mark = await position.load();
      await database.sequelize.transaction((transaction) => position.move(mark, mark + 1, transaction));
    },
  ],
  ...[0, 10_000, 34_900].map((after): Works[number] => [
    `the indexer after ${after}`,
    (database) => new ChangeFeed(database).read(after, 35_000),
  ]),
  [
    "the scheduler",
    async (database) => {
      const error = (fields: object) => expect.unreachable(JSON.stringify(fields));
      const log = { ...pino({ level: "silent" }), error } as never;
      const times = { countIntervalMs: 5, requestTtlMs: DAY_MS, retentionMs: 1_000, factTtlMs: 1_000 };
      const stores = { database, queue, horizon: { reached: async () => undefined } };
      const recents = new MemoryRecentMessages(1_000_000);
      await new Scheduler({ ...stores, recents, indexed: () => 20_000, log, ...times }).pass();
    },
  ],
  [
    "a lease",
    async (database) => {
      const lease = new Lease(database, { name: "lease 7", ttlMs: DAY_MS });
      await (await lease.take())!.end();
    },
  ],
];

/** Applies a batch with some writes of each kind. */
async function write(database: Database, count: number): Promise<void> {
  const position = new WriterPosition(database);
  const from = await position.load();
  const writes = Array.from({ length: count }, (_, index) => writesOf(from, index)).flat();
  const data = toBinary(RecordSchema, create(RecordSchema, { writes }));
  const units = unitsOf({ sequence: 1, data }, 0);
  const options = { database, requestTtlMs: DAY_MS, now: () => 5_000 };
  await database.sequelize.transaction(async (transaction) => {
    await position.move(from, from + writes.length, transaction);
    await writeBatch(options, units, transaction);
  });
}

function writesOf(from: number, index: number): Write[] {
  const request = createRequest(requestIdOf(from + index));
  const other = { application: applicationOf(from + index), chat: 2 };
  const messageOf = (message: number) => formatMessageName({ ...CHAT, message });
  return [
    chatWrite({ application: APPLICATION, chat: 10_000 + from + index }, { request }),
    messageWrite(CHAT, 30_000 + from + index, { request }),
    messageWrite({ ...CHAT, chat: 10 + index }, 10 + from),
    editWrite(messageOf(1 + index * 30), "edited"),
    deleteMessageWrite(messageOf(2 + index * 30)),
    deleteChatWrite(formatChatName(other)),
    ...peopleWrites({ ...CHAT, chat: 20 + index }, index),
    deleteApplicationWrite(`applications/${applicationOf(APPLICATIONS - 1 - from - index)}`, { force: true }),
  ];
}

describeOn("mysql", "on filled tables", (address) => {
  let settings: MysqlSettings;
  let database: Database;
  beforeAll(async () => {
    settings = await createMysqlDatabase(address.url);
    database = await openMysqlDatabase(settings);
    await fillTables(database);
  }, FILL_TIMEOUT_MS);
  afterAll(async () => {
    await database.close();
    await dropMysqlDatabase(settings);
  });

  describe.each([
    ["calls", [...CALLS, ...PEOPLE_CALLS]],
    ["loops", [...LOOPS, ...PEOPLE_LOOPS]],
  ])("%s find rows by indexes", (_, works) => {
    test.each(works)("%s", async (_what, work) => {
      const statements = (await statementsOf(database, () => work(database))).filter(isSearch);
      expect(statements).not.toEqual([]);
      for (const statement of new Set(statements)) {
        expect({ statement, faults: await faultsOf(database, statement) }).toEqual({ statement, faults: [] });
      }
    });
  });

  test.each(Object.entries(SESSIONS))(
    "support sessions, %s, are looked for among themselves",
    async (_, [query, index]) => {
      const [statement] = await statementsOf(database, () => listSessions(database, query));
      expect(await indexesOf(database, statement!)).toEqual([index]);
    },
  );

  test("the others of direct chats are looked for among the members of these", async () => {
    const [, listed] = PEOPLE_CALLS.find(([what]) => what === "ListChats of a user")!;
    const statements = await statementsOf(database, () => listed(database));
    const others = statements.filter((statement) => / FROM `members` .*`user` != /.test(statement));
    expect(others).toHaveLength(1);
    expect(await indexesOf(database, others[0]!)).toEqual(["PRIMARY"]);
  });

  test("a statement that reads a whole table, or sorts much, would be found", async () => {
    const faults = (sql: string) => faultsOf(database, sql);
    expect(await faults("SELECT * FROM messages WHERE body = 'x'")).toEqual(["messages is read as a whole"]);
    expect(await faults("UPDATE chats SET kind = 2 WHERE title = 'x'")).not.toEqual([]);
    const sorted = `SELECT * FROM messages WHERE application = '${APPLICATION}' AND chat = 1 ORDER BY body LIMIT 5`;
    expect(await faults(sorted)).toEqual([expect.stringMatching(/^\d+ rows of messages are sorted$/)]);
  });
});
