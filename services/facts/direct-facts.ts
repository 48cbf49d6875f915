import type { User_Role } from "../../gen/parley/v1/user_pb.ts";
import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { ChatStore } from "../chat/chat-store.ts";
import type { Database } from "../database/database.ts";
import type { ChatFacts, Facts, MessageFacts, UserFacts } from "./facts.ts";

/** Facts out of the database, without a cache. */
export class DirectFacts implements Pick<Facts, "user" | "chat" | "message"> {
  readonly #database: Database;
  readonly #chats: ChatStore;

  constructor(database: Database, chats: ChatStore) {
    this.#database = database;
    this.#chats = chats;
  }

  async user(application: string, user: string): Promise<UserFacts | undefined> {
    const row = await this.#database.users.findOne({ where: { application, id: user, deleteTime: null }, raw: true });
    if (!row) return undefined;
    const { displayName, role, bot, tokensFrom: tokensFromMs } = row;
    return { application, user, displayName, role: role as User_Role, bot: bot !== 0, tokensFromMs, endedSessions: [] };
  }

  async chat(name: ChatName): Promise<ChatFacts | undefined> {
    await this.#chats.catchUp(AbortSignal.timeout(10_000));
    const row = await this.#chats.find(name);
    return (
      row && { kind: row.kind as ChatFacts["kind"], creator: row.creator ?? undefined, slowModeMs: row.slowModeMs }
    );
  }

  async message({ application, chat, message }: MessageName): Promise<MessageFacts | undefined> {
    await this.#chats.catchUp(AbortSignal.timeout(10_000));
    const row = await this.#database.messages.findOne({ where: { application, chat, number: message }, raw: true });
    return row ? { author: row.authorUser ?? "", internal: row.internal === 1 } : undefined;
  }
}
