import { DataTypes, type ModelAttributeColumnOptions, type ModelAttributes, type QueryInterface } from "sequelize";

const { BIGINT, INTEGER, STRING, TINYINT } = DataTypes;

/** In MySQL it holds 16 MB; SQLite takes it as TEXT. */
const LONG_TEXT = "MEDIUMTEXT";

const required = { allowNull: false };
const key = { allowNull: false, primaryKey: true };
const zero = { allowNull: false, defaultValue: 0 };

const TABLES: Record<string, ModelAttributes> = {
  users: {
    application: { type: STRING(26), ...key },
    id: { type: STRING(128), ...key },
    display_name: { type: STRING(100), ...required },
    avatar_url: { type: STRING(2_048) },
    metadata: { type: LONG_TEXT },
    email: { type: STRING(254) },
    role: { type: TINYINT, ...required },
    bot: { type: TINYINT, ...zero },
    password_hash: { type: STRING(255) },
    activate_time: { type: BIGINT },
    tokens_from: { type: BIGINT, ...zero },
    revision: { type: INTEGER, ...required },
    create_time: { type: BIGINT, ...required },
    update_time: { type: BIGINT, ...required },
    delete_time: { type: BIGINT },
    erase_due: { type: TINYINT, ...zero },
  },
  sessions: {
    id: { type: STRING(36), ...key },
    application: { type: STRING(26), ...required },
    user: { type: STRING(128), ...required },
    device: { type: STRING(100), ...required },
    generation: { type: INTEGER, ...required },
    token_hash: { type: STRING(64), ...required },
    rotate_time: { type: BIGINT, ...required },
    create_time: { type: BIGINT, ...required },
    expire_time: { type: BIGINT, ...required },
    revoke_time: { type: BIGINT },
  },
  mail_tokens: {
    hash: { type: STRING(64), ...key },
    application: { type: STRING(26), ...required },
    user: { type: STRING(128), ...required },
    purpose: { type: TINYINT, ...required },
    email: { type: STRING(254) },
    password_hash: { type: STRING(255) },
    display_name: { type: STRING(100) },
    create_time: { type: BIGINT, ...required },
    expire_time: { type: BIGINT, ...required },
  },
  signing_keys: {
    id: { type: STRING(64), ...key },
    public_key: { type: LONG_TEXT, ...required },
    private_key: { type: LONG_TEXT, ...required },
    create_time: { type: BIGINT, ...required },
    sign_time: { type: BIGINT, ...required },
    expire_time: { type: BIGINT },
  },
  token_keys: {
    application: { type: STRING(26), ...key },
    id: { type: STRING(26), ...key },
    public_key: { type: LONG_TEXT, ...required },
    issuer: { type: STRING(256), ...required },
    key_id: { type: STRING(256), ...required },
    user_claim: { type: STRING(128), ...required },
    display_name_claim: { type: STRING(128), ...required },
    create_users: { type: TINYINT, ...required },
    create_time: { type: BIGINT, ...required },
  },
  members: {
    application: { type: STRING(26), ...key },
    chat: { type: INTEGER, ...key },
    user: { type: STRING(128), ...key },
    role: { type: TINYINT, ...required },
    join_time: { type: BIGINT, ...required },
    mute_expire_time: { type: BIGINT },
    ban_expire_time: { type: BIGINT },
    read_number: { type: INTEGER, ...zero },
    change_seq: { type: BIGINT, ...required },
  },
  fact_changes: {
    time: { type: BIGINT, ...key },
    id: { type: STRING(36), ...key },
    application: { type: STRING(26), ...required },
    chat: { type: INTEGER },
    user: { type: STRING(128) },
  },
};

/** What the tables that are there already gain. */
const COLUMNS: Record<string, Record<string, ModelAttributeColumnOptions>> = {
  applications: { rate_limits: { type: STRING(200) }, registration_closed: { type: TINYINT, ...zero } },
  chats: {
    creator: { type: STRING(128) },
    members_count: { type: INTEGER, ...zero },
    slow_mode_ms: { type: INTEGER, ...zero },
    pair: { type: STRING(64) },
    internal_count: { type: INTEGER, ...zero },
    shown_number: { type: INTEGER, ...zero },
    support_status: { type: TINYINT, ...zero },
    support_agent: { type: STRING(128) },
    first_response_time: { type: BIGINT },
    close_time: { type: BIGINT },
  },
  messages: {
    internal: { type: TINYINT, ...zero },
    reply_to: { type: INTEGER },
    reactions: { type: LONG_TEXT },
    system_event: { type: LONG_TEXT },
  },
};

type Index = { fields: string[]; unique?: boolean };

const INDEXES: Record<string, Index[]> = {
  users: [{ fields: ["application", "email"], unique: true }, { fields: ["erase_due"] }],
  sessions: [{ fields: ["application", "user"] }, { fields: ["expire_time"] }],
  mail_tokens: [{ fields: ["application", "user"] }, { fields: ["application", "email"] }, { fields: ["expire_time"] }],
  signing_keys: [{ fields: ["expire_time"] }],
  members: [{ fields: ["application", "user", "chat"] }],
  chats: [
    { fields: ["application", "pair", "number"] },
    { fields: ["application", "kind", "number"] },
    { fields: ["application", "support_agent", "support_status", "number"] },
  ],
  messages: [{ fields: ["application", "author_user", "create_seq"] }],
};

/** How MySQL stores text: compared by its bytes, identifiers above all. SQLite does so by itself. */
const TABLE_OPTIONS = { engine: "InnoDB", charset: "utf8mb4", collate: "utf8mb4_bin" };

/**
 * Makes the tables of users, their credentials, their memberships and what changed of them, and gives chats and messages what they need for
 * them. It goes on with what an interrupted one left, as MySQL has no transactions for this.
 */
export async function up(query: QueryInterface): Promise<void> {
  for (const [table, columns] of Object.entries(TABLES)) await query.createTable(table, columns, TABLE_OPTIONS);
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const existing = await query.describeTable(table);
    for (const [name, column] of Object.entries(columns)) {
      if (!(name in existing)) await query.addColumn(table, name, column);
    }
  }
  for (const [table, indexes] of Object.entries(INDEXES)) {
    const existing = (await query.showIndex(table)) as { fields: { attribute: string }[] }[];
    const known = new Set(existing.map(({ fields }) => fields.map(({ attribute }) => attribute).join()));
    for (const { fields, unique = false } of indexes) {
      if (!known.has(fields.join())) await query.addIndex(table, { fields, unique });
    }
  }
}
