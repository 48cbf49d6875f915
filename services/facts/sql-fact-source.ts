import { Op } from "sequelize";
import type { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { User_Role } from "../../gen/parley/v1/user_pb.ts";
import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { storeUnavailable } from "../rpc/errors.ts";
import { ENDED_SESSION_MS, ENDED_SESSIONS_MAX } from "../session/ended-sessions.ts";
import type { FactName, FactOf, FactValues } from "./fact-name.ts";
import type { FactSource } from "./fact-source.ts";
import type { ApplicationFacts, ChatFacts, MemberFacts, MessageFacts, UserFacts } from "./facts.ts";

export type SqlFactSourceOptions = {
  database: Database;
  /** Waits until the database has every write that was answered by now; rejects where the signal aborts first. */
  catchUp: (signal: AbortSignal) => Promise<void>;
};

/** How long the database may be behind what was answered, in milliseconds. */
const CATCH_UP_TIMEOUT_MS = 10_000;

/**
 * Facts out of the database. What changes them is answered once it is there, so what is found is true; what is not found
 * may have been created by a write that was answered and is not there yet, so it is looked for again once it must be.
 */
export class SqlFactSource implements FactSource {
  readonly #database: Database;
  readonly #catchUp: SqlFactSourceOptions["catchUp"];

  constructor({ database, catchUp }: SqlFactSourceOptions) {
    this.#database = database;
    this.#catchUp = catchUp;
  }

  async load<Name extends FactName>(name: Name): Promise<FactOf<Name>> {
    return (await this.#find(name)) as FactOf<Name>;
  }

  async #find(name: FactName): Promise<FactValues[keyof FactValues] | undefined> {
    switch (name.kind) {
      case "user":
        return this.#user(name.application, name.user);
      case "chat":
        return this.#twice(() => this.#chat(name.chat));
      case "member":
        return this.#twice(() => this.#member(name.chat, name.user));
      case "message":
        return this.#twice(() => this.#message(name.message));
      case "application":
        return this.#application(name.application);
    }
  }

  async #twice<T>(find: () => Promise<T | undefined>): Promise<T | undefined> {
    const found = await find();
    if (found !== undefined) return found;
    await this.#catchUp(AbortSignal.timeout(CATCH_UP_TIMEOUT_MS)).catch((error: Error) => {
      throw error.name === "TimeoutError" ? storeUnavailable("the database", error) : error;
    });
    return find();
  }

  /** Users of an application that is gone are gone, too. */
  async #user(application: string, user: string): Promise<UserFacts | undefined> {
    const [row, owner, sessions] = await Promise.all([
      this.#database.users.findOne({
        attributes: ["displayName", "role", "bot", "tokensFrom"],
        where: { application, id: user, deleteTime: null },
        raw: true,
      }),
      this.#application(application),
      this.#database.sessions.findAll({
        attributes: ["id"],
        where: { application, user, revokeTime: { [Op.gt]: Date.now() - ENDED_SESSION_MS } },
        order: [["revokeTime", "DESC"]],
        limit: ENDED_SESSIONS_MAX,
        raw: true,
      }),
    ]);
    if (!row || !owner) return undefined;
    const { displayName, role, bot, tokensFrom } = row;
    const endedSessions = sessions.map(({ id }) => id);
    return {
      application,
      user,
      displayName,
      role: role as User_Role,
      bot: bot !== 0,
      tokensFromMs: tokensFrom,
      endedSessions,
    };
  }

  async #chat({ application, chat }: ChatName): Promise<ChatFacts | undefined> {
    const row = await this.#database.chats.findOne({
      attributes: ["kind", "creator", "slowModeMs"],
      where: { application, number: chat, deleteTime: null },
      raw: true,
    });
    if (!row) return undefined;
    return { kind: row.kind as Chat_Kind, creator: row.creator ?? undefined, slowModeMs: row.slowModeMs };
  }

  async #member({ application, chat }: ChatName, user: string): Promise<MemberFacts | undefined> {
    const row = await this.#database.members.findOne({
      attributes: ["role", "muteExpireTime", "banExpireTime"],
      where: { application, chat, user },
      raw: true,
    });
    if (!row) return undefined;
    const { role, muteExpireTime, banExpireTime } = row;
    return { role: role as Member_Role, mutedUntilMs: muteExpireTime ?? 0, bannedUntilMs: banExpireTime ?? 0 };
  }

  async #message({ application, chat, message }: MessageName): Promise<MessageFacts | undefined> {
    const row = await this.#database.messages.findOne({
      attributes: ["authorUser", "internal"],
      where: { application, chat, number: message },
      raw: true,
    });
    return row ? { author: row.authorUser ?? "", internal: row.internal !== 0 } : undefined;
  }

  async #application(application: string): Promise<ApplicationFacts | undefined> {
    const row = await this.#database.applications.findOne({
      attributes: ["rateLimits"],
      where: { token: application, deleteTime: null },
      raw: true,
    });
    return row ? limitsOf(row.rateLimits ?? null) : undefined;
  }
}

/** @param json of the parley.v1.RateLimits */
function limitsOf(json: string | null): ApplicationFacts {
  const limits = json === null ? {} : (JSON.parse(json) as Record<string, number>);
  return {
    userMessagesPerMinute: limits.userMessagesPerMinute,
    userMessagesPerDay: limits.userMessagesPerDay,
    userCallsPerMinute: limits.userCallsPerMinute,
    callsPerMinute: limits.callsPerMinute,
  };
}
