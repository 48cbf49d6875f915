import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { Item } from "../history/resource.ts";
import { type ChatRow, itemOfChatRow, itemOfMessageRow, type MessageRow, ROW_QUERIES } from "./message-rows.ts";

/** Every message and chat in a database of MySQL. */
export async function readMysqlRows(uri: string): Promise<Item[]> {
  const connection = await createConnection({ uri });
  try {
    const [messages] = await connection.query<(MessageRow & RowDataPacket)[]>(ROW_QUERIES.messages);
    const [chats] = await connection.query<(ChatRow & RowDataPacket)[]>(ROW_QUERIES.chats);
    return [...chats.map(itemOfChatRow), ...messages.map(itemOfMessageRow)];
  } finally {
    connection.destroy();
  }
}
