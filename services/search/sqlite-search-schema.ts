/** Goes up with every change of the schema or of how texts are folded; an index of another version is emptied. */
export const SEARCH_SCHEMA_VERSION = 2;

// With FTS5's default of 10 the deletion of a large chat takes twenty times as long.
const DELETED_PERCENT_BEFORE_MERGE = 50;

/**
 * A document's id is its chat's dense id (`chat.id`, never given twice) << 31 | the message's number. Bodies are
 * folded. `message_text` has the trigrams of each body and, in the column `chat`, one trigram of private-use
 * characters that stands for the chat, so that a query can skip all other chats. A removed chat leaves `chat` at once
 * and stays in `removed_chat` until its documents are deleted.
 */
export const SEARCH_SCHEMA = `
  BEGIN IMMEDIATE;
  DROP TABLE IF EXISTS progress;
  DROP TABLE IF EXISTS chat;
  DROP TABLE IF EXISTS removed_chat;
  DROP TABLE IF EXISTS document;
  DROP TABLE IF EXISTS message_text;
  CREATE TABLE progress (position INTEGER NOT NULL);
  INSERT INTO progress VALUES (0);
  CREATE TABLE chat (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    application TEXT NOT NULL,
    number INTEGER NOT NULL,
    UNIQUE (application, number)
  );
  CREATE TABLE removed_chat (id INTEGER PRIMARY KEY);
  CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    author TEXT NOT NULL,
    internal INTEGER NOT NULL,
    create_time INTEGER NOT NULL,
    body TEXT NOT NULL
  );
  CREATE VIRTUAL TABLE message_text USING fts5(
    chat, body, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
  );
  INSERT INTO message_text (message_text, rank) VALUES ('deletemerge', ${DELETED_PERCENT_BEFORE_MERGE});
  PRAGMA user_version = ${SEARCH_SCHEMA_VERSION};
  COMMIT;
`;

const PRIVATE_USE_START = 0xf0000;
const DIGIT_BITS = 11;

/** The trigram that stands for a chat in `message_text`. @param chatId below 2³² */
export function chatTrigram(chatId: number): string {
  const digits = [2 * DIGIT_BITS, DIGIT_BITS, 0].map((shift) => Math.floor(chatId / 2 ** shift) % 2 ** DIGIT_BITS);
  return String.fromCodePoint(...digits.map((digit) => PRIVATE_USE_START + digit));
}

/** SQL for `chatTrigram`. @param chatId an SQL expression */
export function chatTrigramSql(chatId: string): string {
  const digits = [2 * DIGIT_BITS, DIGIT_BITS, 0].map(
    (shift) => `${PRIVATE_USE_START} + (${chatId} >> ${shift}) % ${2 ** DIGIT_BITS}`,
  );
  return `char(${digits.join(", ")})`;
}
