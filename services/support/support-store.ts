import { type Attributes, literal, Op, type Order, type WhereOptions } from "sequelize";
import { type Chat, Chat_Kind, SupportState_Status } from "../../gen/parley/v1/chat_pb.ts";
import type { ApplicationName } from "../aip/resource-name.ts";
import { chatFromRow } from "../chat/chat-codec.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import { readActivities } from "../chat/read-activities.ts";
import type { Database } from "../database/database.ts";

/** Which sessions: those that wait for an agent, those of an agent that are not closed, or all. */
export type SessionQuery = { view: "open" } | { view: "mine"; agent: string } | { view: "all" };

/** A part of them: with numbers above `after`, the lowest first. */
export type SessionPage = { after: number; limit: number };

const BY_NUMBER: Order = [["number", "ASC"]];
/**
 * The same, but as no index has it: of two statuses the rows are sorted, which are few. Otherwise MySQL reads the chats in
 * the order of their numbers until a page is full, which may be all that the application has.
 */
const BY_NUMBER_SORTED: Order = [[literal("number + 0"), "ASC"]];

/** Support sessions, read from the database. */
export class SupportStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * A page of sessions as agents see them, the oldest first, in the application's turn; rejects where `signal` aborts
   * before it.
   */
  list(
    { application }: ApplicationName,
    query: SessionQuery,
    { after, limit }: SessionPage,
    signal: AbortSignal,
  ): Promise<Chat[]> {
    const where = { application, ...conditionOf(query), number: { [Op.gt]: after }, deleteTime: null };
    const order: Order = query.view === "mine" ? BY_NUMBER_SORTED : BY_NUMBER;
    const read = async () => {
      const rows = await this.#database.chats.findAll({ where, order, limit, raw: true });
      const positions = rows.map(({ number: chat }) => ({ application, chat, readNumber: undefined }));
      const activities = await readActivities(this.#database, positions, { user: "", notes: true });
      return rows.map((row) => {
        const { lastMessage } = activities.get(row.number)!;
        return Object.assign(chatFromRow(row, true), { lastMessage });
      });
    };
    return this.#database.largeReads.take(application, read, signal);
  }
}

/** What an index begins with. */
function conditionOf(query: SessionQuery): WhereOptions<Attributes<ChatRow>> {
  const { OPEN, PENDING } = SupportState_Status;
  switch (query.view) {
    case "open":
      return { supportAgent: null, supportStatus: OPEN };
    case "mine":
      return { supportAgent: query.agent, supportStatus: [OPEN, PENDING] };
    case "all":
      return { kind: Chat_Kind.SUPPORT };
  }
}
