import { DELETED, type Item } from "../history/resource.ts";
import { ORIGIN_KEY } from "../load/calls.ts";

/** Every message of a chat that is not deleted, and every such chat, of either kind of database. */
export const ROW_QUERIES = {
  messages: `SELECT m.application, m.chat, m.number, m.body, m.author_user, m.delete_time FROM messages m
    JOIN chats c ON c.application = m.application AND c.number = m.chat
    JOIN applications a ON a.token = c.application
    WHERE c.delete_time IS NULL AND a.delete_time IS NULL`,
  chats: `SELECT c.application, c.number, c.title, c.metadata FROM chats c
    JOIN applications a ON a.token = c.application WHERE c.delete_time IS NULL AND a.delete_time IS NULL`,
};

/** A row that ROW_QUERIES.messages gives. */
export type MessageRow = {
  application: string;
  chat: number;
  number: number;
  body: string | null;
  author_user: string;
  delete_time: number | null;
};

/** A row that ROW_QUERIES.chats gives. */
export type ChatRow = { application: string; number: number; title: string; metadata: string };

export function itemOfMessageRow({ application, chat, number, body, author_user, delete_time }: MessageRow): Item {
  const name = `applications/${application}/chats/${chat}/messages/${number}`;
  return { name, state: delete_time === null ? String(body) : DELETED, origin: author_user };
}

export function itemOfChatRow({ application, number, title, metadata }: ChatRow): Item {
  return {
    name: `applications/${application}/chats/${number}`,
    state: title,
    origin: JSON.parse(metadata)[ORIGIN_KEY],
  };
}
