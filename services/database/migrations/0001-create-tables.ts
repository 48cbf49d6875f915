import { DataTypes, type ModelAttributes, type QueryInterface } from "sequelize";

const { BIGINT, INTEGER, STRING, TINYINT } = DataTypes;

/** Names of types that SQLite takes as TEXT and BLOB; in MySQL they hold 16 MB, far more than a request may have. */
const LONG_TEXT = "MEDIUMTEXT";
const LONG_BYTES = "MEDIUMBLOB";

const required = { allowNull: false };
const key = { allowNull: false, primaryKey: true };
const zero = { allowNull: false, defaultValue: 0 };

/** The length of a STRING is in code points, as the limits of the contract are. */
const TABLES: Record<string, ModelAttributes> = {
  applications: {
    token: { type: STRING(26), ...key },
    display_name: { type: STRING(100), ...required },
    chats_count: { type: INTEGER, ...zero },
    last_chat_number: { type: INTEGER, ...zero },
    count_due: { type: BIGINT, ...zero },
    revision: { type: INTEGER, ...required },
    create_time: { type: BIGINT, ...required },
    update_time: { type: BIGINT, ...required },
    delete_time: { type: BIGINT },
    change_seq: { type: BIGINT, ...zero },
    seeded: { type: BIGINT, ...zero },
  },
  api_keys: {
    hash: { type: STRING(64), ...key },
    application: { type: STRING(26), ...required },
    create_time: { type: BIGINT, ...required },
    expire_time: { type: BIGINT },
  },
  chats: {
    application: { type: STRING(26), ...key },
    number: { type: INTEGER, ...key },
    title: { type: STRING(200), ...required },
    kind: { type: TINYINT, ...required },
    metadata: { type: LONG_TEXT },
    messages_count: { type: INTEGER, ...zero },
    last_number: { type: INTEGER, ...zero },
    last_message_time: { type: BIGINT },
    count_due: { type: BIGINT, ...zero },
    revision: { type: INTEGER, ...required },
    create_time: { type: BIGINT, ...required },
    update_time: { type: BIGINT, ...required },
    delete_time: { type: BIGINT },
    create_seq: { type: BIGINT, ...required },
    change_seq: { type: BIGINT, ...required },
    seeded: { type: BIGINT, ...zero },
  },
  messages: {
    application: { type: STRING(26), ...key },
    chat: { type: INTEGER, ...key },
    number: { type: INTEGER, ...key },
    body: { type: LONG_TEXT },
    author_user: { type: STRING(128) },
    author_display_name: { type: STRING(100) },
    author_type: { type: TINYINT, ...required },
    metadata: { type: LONG_TEXT },
    request_id: { type: STRING(36) },
    revision: { type: INTEGER, ...required },
    create_time: { type: BIGINT, ...required },
    update_time: { type: BIGINT, ...required },
    edit_time: { type: BIGINT },
    delete_time: { type: BIGINT },
    create_seq: { type: BIGINT, ...required },
    change_seq: { type: BIGINT, ...required },
  },
  create_requests: {
    application: { type: STRING(26), ...key },
    collection: { type: STRING(40), ...key },
    principal: { type: STRING(64), ...key },
    request_id: { type: STRING(36), ...key },
    digest: { type: STRING(64), ...required },
    resource: { type: STRING(40), ...required },
    create_time: { type: BIGINT, ...required },
  },
  positions: {
    lane: { type: INTEGER, ...key },
    mark: { type: BIGINT, ...required },
  },
  outbox: {
    id: { type: STRING(36), ...key },
    verdict: { type: LONG_BYTES, ...required },
    published: { type: TINYINT, ...required },
    create_time: { type: BIGINT, ...required },
  },
  leases: {
    name: { type: STRING(64), ...key },
    holder: { type: STRING(36), ...required },
    expire_time: { type: BIGINT, ...required },
  },
};

const INDEXES: Record<string, string[][]> = {
  applications: [["create_time", "token"], ["count_due"], ["change_seq"]],
  api_keys: [["application"], ["expire_time"]],
  chats: [["change_seq"], ["count_due"], ["delete_time"]],
  messages: [["change_seq"], ["application", "chat", "author_user", "number"], ["application", "chat", "create_time"]],
  create_requests: [["create_time"]],
  outbox: [["published", "create_time"]],
};

/** How MySQL stores text: compared by its bytes, identifiers above all. SQLite does so by itself. */
const TABLE_OPTIONS = { engine: "InnoDB", charset: "utf8mb4", collate: "utf8mb4_bin" };

/**
 * Makes every table. Keys are natural, so that tables can be sharded by application. MySQL has no transactions for this:
 * it goes on with what an interrupted one left.
 */
export async function up(query: QueryInterface): Promise<void> {
  for (const [table, columns] of Object.entries(TABLES)) {
    await query.createTable(table, columns, TABLE_OPTIONS);
    const existing = (await query.showIndex(table)) as { fields: { attribute: string }[] }[];
    const known = new Set(existing.map(({ fields }) => fields.map(({ attribute }) => attribute).join()));
    for (const index of INDEXES[table] ?? []) if (!known.has(index.join())) await query.addIndex(table, index);
  }
}
