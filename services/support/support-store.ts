import { type Attributes, Op, type WhereOptions } from "sequelize";
import { Chat_Kind, SupportState_Status } from "../../gen/parley/v1/chat_pb.ts";
import type { ApplicationName } from "../aip/resource-name.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import type { Database } from "../database/database.ts";

/** Which sessions: those that wait for an agent, those of an agent that are not closed, or all. */
export type SessionQuery = { view: "open" } | { view: "mine"; agent: string } | { view: "all" };

/** A part of them: with numbers above `after`, the lowest first. */
export type SessionPage = { after: number; limit: number };

/** Support sessions, read from the database. */
export class SupportStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A page of sessions, the oldest first, in the application's turn; rejects where `signal` aborts before it. */
  list(
    { application }: ApplicationName,
    query: SessionQuery,
    { after, limit }: SessionPage,
    signal: AbortSignal,
  ): Promise<Attributes<ChatRow>[]> {
    const where = { application, ...conditionOf(query), number: { [Op.gt]: after }, deleteTime: null };
    const order: [string, string][] = [["number", "ASC"]];
    const read = () => this.#database.chats.findAll({ where, order, limit, raw: true });
    return this.#database.largeReads.take(application, read, signal);
  }
}

/** Each is found in an index in the order of its numbers; of an agent's, those that are open are sorted among the pending. */
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
