import { DataTypes, type ModelAttributes, type QueryInterface } from "sequelize";

const { BIGINT, BLOB, INTEGER, STRING, TEXT, TINYINT } = DataTypes;

/** Identifiers are compared by their bytes. */
const identifier = (length: number) => STRING(length, true);
const required = { allowNull: false };
const key = { allowNull: false, primaryKey: true };
const zero = { allowNull: false, defaultValue: 0 };

const TABLES: Record<string, ModelAttributes> = {
  applications: {
    token: { type: identifier(26), ...key },
    display_name: { type: STRING(400), ...required },
    chats_count: { type: INTEGER, ...zero },
    last_chat_number: { type: INTEGER, ...zero },
    count_due: { type: TINYINT, ...zero },
    revision: { type: INTEGER, ...required },
    create_time: { type: BIGINT, ...required },
    update_time: { type: BIGINT, ...required },
    delete_time: { type: BIGINT },
    change_seq: { type: BIGINT, ...zero },
  },
  api_keys: {
    hash: { type: identifier(64), ...key },
    application: { type: identifier(26), ...required },
    create_time: { type: BIGINT, ...required },
    expire_time: { type: BIGINT },
  },
  chats: {
    application: { type: identifier(26), ...key },
    number: { type: INTEGER, ...key },
    title: { type: STRING(800), ...required },
    kind: { type: TINYINT, ...required },
    metadata: { type: TEXT },
    messages_count: { type: INTEGER, ...zero },
    last_number: { type: INTEGER, ...zero },
    last_message_time: { type: BIGINT },
    count_due: { type: TINYINT, ...zero },
    revision: { type: INTEGER, ...required },
    create_time: { type: BIGINT, ...required },
    update_time: { type: BIGINT, ...required },
    delete_time: { type: BIGINT },
    create_seq: { type: BIGINT, ...required },
    change_seq: { type: BIGINT, ...required },
  },
  messages: {
    application: { type: identifier(26), ...key },
    chat: { type: INTEGER, ...key },
    number: { type: INTEGER, ...key },
    body: { type: TEXT },
    author_user: { type: identifier(128) },
    author_display_name: { type: STRING(400) },
    author_type: { type: TINYINT, ...required },
    metadata: { type: TEXT },
    request_id: { type: identifier(36) },
    revision: { type: INTEGER, ...required },
    create_time: { type: BIGINT, ...required },
    update_time: { type: BIGINT, ...required },
    edit_time: { type: BIGINT },
    delete_time: { type: BIGINT },
    create_seq: { type: BIGINT, ...required },
    change_seq: { type: BIGINT, ...required },
  },
  create_requests: {
    application: { type: identifier(26), ...key },
    collection: { type: identifier(40), ...key },
    principal: { type: identifier(64), ...key },
    request_id: { type: identifier(36), ...key },
    digest: { type: identifier(64), ...required },
    resource: { type: identifier(40), ...required },
    create_time: { type: BIGINT, ...required },
  },
  positions: {
    lane: { type: INTEGER, ...key },
    mark: { type: BIGINT, ...required },
  },
  outbox: {
    id: { type: identifier(36), ...key },
    verdict: { type: BLOB, ...required },
    published: { type: TINYINT, ...required },
    create_time: { type: BIGINT, ...required },
  },
};

const INDEXES: Record<string, string[][]> = {
  applications: [["create_time", "token"], ["count_due"], ["change_seq"]],
  api_keys: [["application"], ["expire_time"]],
  chats: [["change_seq"], ["count_due"], ["delete_time"]],
  messages: [["change_seq"], ["application", "chat", "author_user", "number"], ["application", "chat", "create_time"]],
  create_requests: [["create_time"]],
  outbox: [["published"], ["create_time"]],
};

/** Makes every table. Keys are natural, so that tables can be sharded by application. */
export async function up(query: QueryInterface): Promise<void> {
  for (const [table, columns] of Object.entries(TABLES)) {
    await query.createTable(table, columns);
    for (const index of INDEXES[table] ?? []) await query.addIndex(table, index);
  }
}
