import type { Database } from "../database/database.ts";

/**
 * Brings `messages_count` and `chats_count` up to date where they may have changed: one UPDATE a table. Tombstones count
 * as messages; deleted chats do not count as chats.
 */
export async function recount({ sequelize }: Database): Promise<void> {
  await sequelize.query(
    `UPDATE chats SET count_due = 0, messages_count =
       (SELECT COUNT(*) FROM messages WHERE messages.application = chats.application AND messages.chat = chats.number)
     WHERE count_due = 1`,
  );
  await sequelize.query(
    `UPDATE applications SET count_due = 0, chats_count =
       (SELECT COUNT(*) FROM chats WHERE chats.application = applications.token AND chats.delete_time IS NULL)
     WHERE count_due = 1`,
  );
}
