import type { SqliteStatement } from "../sqlite/sqlite-protocol.ts";
import { foldText } from "./folded-text.ts";
import { chatKey, survivingUpserts } from "./search-changes.ts";
import type { SearchChanges, SearchDocument } from "./search-index.ts";
import { chatTrigramSql } from "./sqlite-search-schema.ts";

const ADD_CHAT = "INSERT INTO chat (application, number) VALUES (?, ?) ON CONFLICT DO NOTHING";
const UPSERT_DOCUMENT = `
  INSERT OR REPLACE INTO document (id, author, internal, create_time, body)
  SELECT id << 31 | ?, ?, ?, ?, ? FROM chat WHERE application = ? AND number = ?`;
/** Of the document that is there already: its body need not come to the thread twice. */
const UPSERT_TEXT = `
  INSERT OR REPLACE INTO message_text (rowid, chat, body)
  SELECT document.id, ${chatTrigramSql("chat.id")}, document.body
  FROM chat JOIN document ON document.id = chat.id << 31 | ? WHERE chat.application = ? AND chat.number = ?`;
const DELETE_TEXT = `
  DELETE FROM message_text WHERE rowid IN (
    SELECT document.id FROM chat JOIN document ON document.id = chat.id << 31 | ?
    WHERE chat.application = ? AND chat.number = ?)`;
const DELETE_DOCUMENT = `
  DELETE FROM document WHERE id = (SELECT id << 31 | ? FROM chat WHERE application = ? AND number = ?)`;
const MOVE_REMOVED_CHAT = "INSERT OR IGNORE INTO removed_chat SELECT id FROM chat WHERE application = ? AND number = ?";
const DROP_CHAT = "DELETE FROM chat WHERE application = ? AND number = ?";
const MOVE_POSITION = "UPDATE progress SET position = ?";

const MOVE_CHATS_OF_APPLICATION = `
  INSERT INTO removed_chat SELECT id FROM chat WHERE application = ? ORDER BY number LIMIT ?`;
const DROP_REMOVED_CHATS = "DELETE FROM chat WHERE application = ? AND id IN (SELECT id FROM removed_chat)";

const REMOVED_CHATS = "SELECT id FROM removed_chat ORDER BY id LIMIT ?";
const REMOVED_DOCUMENTS = `
  SELECT document.id FROM (${REMOVED_CHATS}) AS removed
  CROSS JOIN document ON document.id BETWEEN removed.id << 31 AND (removed.id << 31) + 0x7fffffff LIMIT ?`;

/** The transaction that applies everything but the removal of applications, and moves the position. */
export function applyStatements(changes: SearchChanges, position: number): SqliteStatement[] {
  const upserts = survivingUpserts(changes);
  const chats = new Map(upserts.map((upsert) => [chatKey(upsert), [upsert.application, upsert.chat]]));
  const removals = changes.removals.map(({ application, chat, number }) => [number, application, chat]);
  const removedChats = changes.removedChats.map(({ application, chat }) => [application, chat]);
  return [
    { sql: ADD_CHAT, rows: [...chats.values()] },
    { sql: UPSERT_DOCUMENT, rows: upserts.map(documentRow) },
    { sql: UPSERT_TEXT, rows: upserts.map(({ application, chat, number }) => [number, application, chat]) },
    { sql: DELETE_TEXT, rows: removals },
    { sql: DELETE_DOCUMENT, rows: removals },
    { sql: MOVE_REMOVED_CHAT, rows: removedChats },
    { sql: DROP_CHAT, rows: removedChats },
    { sql: MOVE_POSITION, rows: [[position]] },
  ];
}

/** Drops up to `limit` chats of an application, so that their documents are found no more. */
export function dropChatsStatements(application: string, limit: number): SqliteStatement[] {
  return [
    { sql: MOVE_CHATS_OF_APPLICATION, rows: [[application, limit]] },
    { sql: DROP_REMOVED_CHATS, rows: [[application]] },
  ];
}

/** Deletes up to `documents` documents of the first `chats` removed chats; the second result counts them. */
export function reclaimStatements(chats: number, documents: number): SqliteStatement[] {
  return [
    { sql: `DELETE FROM message_text WHERE rowid IN (${REMOVED_DOCUMENTS})`, rows: [[chats, documents]] },
    { sql: `DELETE FROM document WHERE id IN (${REMOVED_DOCUMENTS})`, rows: [[chats, documents]] },
  ];
}

/** Forgets the first `chats` removed chats, once they have no documents. */
export function forgetStatement(chats: number): SqliteStatement {
  return { sql: `DELETE FROM removed_chat WHERE id IN (${REMOVED_CHATS})`, rows: [[chats]] };
}

function documentRow({ application, chat, number, body, ...document }: SearchDocument): unknown[] {
  const { author, internal, createTimeMs } = document;
  return [number, author, internal ? 1 : 0, createTimeMs, foldText(body), application, chat];
}
