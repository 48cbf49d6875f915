import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { ApplicationName } from "../aip/resource-name.ts";
import type { ChatStore } from "../chat/chat-store.ts";
import type { Database } from "../database/database.ts";
import { notBanned } from "../member/not-banned.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { MessageFields } from "./message-model.ts";
import { MESSAGE_COLUMNS } from "./message-store.ts";

/** Who looks: everybody's backend sees all, a user what is in its own chats, and an agent support sessions, too. */
export type Viewer = { kind: "backend" } | { kind: "user"; user: string; isAgent: boolean };

/** Messages of an author in an application, created before a mark, the latest first. */
export type AuthorQuery = { author: string; before: CommitMark; limit: number; viewer: Viewer };

/** A message with the mark of its create. */
export type AuthoredMessage = MessageFields & { createSeq: CommitMark };

/** What one author wrote in all chats of an application, read from the database. */
export class AuthorMessages {
  readonly #database: Database;
  readonly #chats: ChatStore;

  constructor({ database, chats }: { database: Database; chats: ChatStore }) {
    this.#database = database;
    this.#chats = chats;
  }

  /** Undefined where the application does not exist. Chats that are deleted, or that the viewer does not see, are left out. */
  async list(parent: ApplicationName, query: AuthorQuery, signal: AbortSignal): Promise<AuthoredMessage[] | undefined> {
    const { application } = parent;
    await this.#chats.catchUp(signal);
    const read = () => this.#database.select<AuthoredMessage>(this.#statement(application, query));
    const rows = await this.#database.largeReads.take(application, read, signal);
    if (rows.length === 0 && !(await this.#chats.hasApplication(parent))) return undefined;
    return rows.map((row) => ({ ...row, application }));
  }

  /**
   * Counts, not EXISTS, of which the database would make a join, and begin it with all chats of the application: so it
   * goes through the author's messages in their order, and looks each chat up by its key.
   */
  #statement(application: string, { author, before, limit, viewer }: AuthorQuery): string {
    const { quote } = this.#database;
    const own = `messages.application=${quote(application)} AND author_user=${quote(author)} AND create_seq<${before}`;
    const isVisible = viewer.kind === "user" ? ` AND (${this.#visible(viewer)})` : "";
    const chat = `chats.application=messages.application AND chats.number=messages.chat AND delete_time IS NULL`;
    const living = `0<(SELECT COUNT(*) FROM chats WHERE ${chat}${isVisible})`;
    const hidden = viewer.kind === "user" && !viewer.isAgent ? " AND internal=0" : "";
    return `SELECT chat,create_seq AS createSeq,${MESSAGE_COLUMNS} FROM messages WHERE ${own}${hidden} AND ${living} ORDER BY create_seq DESC LIMIT ${limit}`;
  }

  /** The condition under which a user sees a chat: it is a member without a ban, or an agent. */
  #visible({ user, isAgent }: Extract<Viewer, { kind: "user" }>): string {
    const member = [
      "members.application=chats.application AND members.chat=chats.number",
      `members.user=${this.#database.quote(user)}`,
      notBanned(Date.now()),
    ].join(" AND ");
    const belongs = `0<(SELECT COUNT(*) FROM members WHERE ${member})`;
    return isAgent ? `chats.kind=${Chat_Kind.SUPPORT} OR ${belongs}` : belongs;
  }
}
