import type { Database } from "../../../services/database/database.ts";
import { applicationOf, FEW, principalOf, requestIdOf } from "./filled-names.ts";
import { PEOPLE_TABLES } from "./filled-people.ts";

/** Applications, of which the first has many chats, whose first has many messages. */
export const APPLICATIONS = 2_000;
const CHATS = 5_000;
const MESSAGES = 20_000;
const STATEMENT_ROWS = 1_000;

function* applications() {
  for (let index = 0; index < APPLICATIONS; index++) {
    const isGone = index % 500 === 499;
    const times = { create_time: 1_000 + index, update_time: 1_000, delete_time: isGone ? 5_000 : null };
    const count = {
      chats_count: 0,
      last_chat_number: index === 0 ? CHATS : FEW,
      count_due: index % 100 === 0 ? index + 1 : 0,
    };
    const marks = { change_seq: isGone ? index : 0, seeded: 0 };
    yield { token: applicationOf(index), display_name: "x", revision: 1, ...times, ...count, ...marks };
  }
}

function* apiKeys() {
  for (let index = 0; index < 2 * APPLICATIONS; index++) {
    const expire_time = index % 2 === 0 ? null : 4_000_000_000_000 + index;
    const application = applicationOf(index >> 1);
    yield { hash: String(index).padStart(64, "0"), application, create_time: 1_000, expire_time };
  }
}

function* chats() {
  let mark = 0;
  for (let index = 0; index < APPLICATIONS; index++) {
    for (let number = 1; number <= (index === 0 ? CHATS : FEW); number++) {
      mark++;
      const isGone = mark % 1_000 === 999;
      const times = {
        create_time: mark,
        update_time: mark,
        delete_time: isGone ? mark : null,
        last_message_time: mark,
      };
      const count = { messages_count: 0, last_number: 1, count_due: mark % 200 === 0 ? mark : 0 };
      const key = { application: applicationOf(index), number };
      const about = { title: "", metadata: null, revision: 1, seeded: 0, ...sessionOf(number) };
      yield { ...key, ...about, ...times, ...count, ...markOf(mark) };
    }
  }
}

/**
 * Every second chat is a support session, every fourth a direct chat. Most sessions are closed, and of those that are open
 * half are nobody's.
 */
function sessionOf(number: number) {
  if (number % 2 === 1) return { kind: number % 4 === 1 ? 1 : 2, support_status: 0, support_agent: null };
  const support_status = number % 20 === 0 ? 1 : number % 20 === 10 ? 2 : 3;
  return { kind: 4, support_status, support_agent: number % 40 === 0 ? null : `agent ${number % 6}` };
}

const markOf = (mark: number) => ({ create_seq: mark, change_seq: mark });

function* messages() {
  let mark = 0;
  for (let chat = 1; chat <= CHATS; chat++) {
    for (let number = 1; number <= (chat === 1 ? MESSAGES : FEW); number++) {
      mark++;
      const author = { author_user: number % 1_000 === 7 ? "rare" : `user ${number % 50}`, author_display_name: null };
      const times = { create_time: 1_000 + number, update_time: 1, edit_time: null, delete_time: null };
      const content = { body: `message ${number} `.repeat(10), author_type: 1, metadata: null, request_id: null };
      yield {
        application: applicationOf(0),
        chat,
        number,
        revision: 1,
        ...author,
        ...times,
        ...content,
        ...markOf(mark),
      };
    }
  }
}

function* createRequests() {
  for (let index = 0; index < 20_000; index++) {
    const key = {
      application: applicationOf(0),
      collection: `chats/${1 + (index % 100)}/messages`,
      principal: principalOf(0),
    };
    yield { ...key, request_id: requestIdOf(index), digest: "d".repeat(64), resource: "1", create_time: 1_000 + index };
  }
}

function* outbox() {
  for (let index = 0; index < 5_000; index++) {
    const published = index % 500 === 0 ? 0 : 1;
    yield { id: requestIdOf(index), verdict: Buffer.alloc(0), published, create_time: 4_000_000_000_000 + index };
  }
}

function* positions() {
  for (let lane = 0; lane < 2_000; lane++) yield { lane, mark: 1_000 };
}

function* leases() {
  for (let index = 0; index < 2_000; index++) yield { name: `lease ${index}`, holder: "", expire_time: 0 };
}

const TABLES: Record<string, () => Generator<object>> = {
  applications,
  api_keys: apiKeys,
  chats,
  messages,
  create_requests: createRequests,
  outbox,
  positions,
  leases,
  ...PEOPLE_TABLES,
};

/** Fills every table with tens of thousands of rows, or thousands where there are few, and lets MySQL count them. */
export async function fillTables({ sequelize }: Database): Promise<void> {
  for (const [table, rows] of Object.entries(TABLES)) {
    let batch: object[] = [];
    const insert = () => sequelize.getQueryInterface().bulkInsert(table, batch);
    for (const row of rows()) {
      batch.push(row);
      if (batch.length < STATEMENT_ROWS) continue;
      await insert();
      batch = [];
    }
    if (batch.length > 0) await insert();
    await sequelize.query(`ANALYZE TABLE ${table}`);
  }
}
