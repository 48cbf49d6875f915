import { pino } from "pino";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { ChatStore } from "../../../services/chat/chat-store.ts";
import { UserChats } from "../../../services/chat/user-chats.ts";
import type { Database } from "../../../services/database/database.ts";
import { FactChangeFollower } from "../../../services/facts/fact-change-follower.ts";
import { removeRecorded } from "../../../services/facts/recorded-changes.ts";
import { SqlFactSource } from "../../../services/facts/sql-fact-source.ts";
import { MailTokens } from "../../../services/mail/mail-tokens.ts";
import { MemberStore } from "../../../services/member/member-store.ts";
import { AuthorMessages, type Viewer } from "../../../services/message/author-messages.ts";
import { RefreshTokens } from "../../../services/session/refresh-token.ts";
import { SessionStore } from "../../../services/session/session-store.ts";
import { TokenKeyStore } from "../../../services/token/token-key-store.ts";
import { UserStore } from "../../../services/user/user-store.ts";
import type { WriteQueue } from "../../../services/write-queue/write-queue.ts";
import { applicationOf, emailOf, requestIdOf, sessionIdOf, userOf } from "./filled-names.ts";

const DAY_MS = 86_400_000;
const APPLICATION = applicationOf(0);
const CHAT = { application: APPLICATION, chat: 1 };
/** The user who is in many chats. */
const USER = { application: APPLICATION, user: userOf(0) };
const VIEWER = { ...USER, role: User_Role.USER };

const signal = new AbortController().signal;

type Works = [what: string, work: (database: Database) => Promise<unknown>][];

/** What is done with a store that is made of the database. */
function worksOf<Store>(
  open: (database: Database) => Store,
  works: Record<string, (store: Store) => Promise<unknown>>,
): Works {
  return Object.entries(works).map(([what, work]) => [what, (database) => work(open(database))]);
}

const users = (database: Database) => new UserStore(database, { requestTtlMs: DAY_MS });
const mailTokens = (database: Database) => new MailTokens(database, { activateMs: DAY_MS, resetMs: DAY_MS });
const sessions = (database: Database) => new SessionStore(database, new RefreshTokens("s".repeat(32)), DAY_MS);

const ACCOUNTS: Works = [
  ...worksOf(users, {
    CreateUser: (store) => {
      const request = { principal: "admin", requestId: requestIdOf(3), digest: new Uint8Array() };
      return store.create(APPLICATION, { id: "", displayName: "x", email: "new@example.com" }, request);
    },
    GetUser: (store) => store.find(USER),
    "a user's address": (store) => store.findByEmail(APPLICATION, emailOf(4)),
    ListUsers: (store) => store.list(APPLICATION, { after: "", limit: 51 }, signal),
    "ListUsers, a further page": (store) => store.list(APPLICATION, { after: userOf(500), limit: 51 }, signal),
    "ListUsers, who has an address": (store) =>
      store.list(APPLICATION, { after: "", email: emailOf(4), limit: 51 }, signal),
    UpdateUser: (store) =>
      store.transact((transaction) => store.update(USER, () => ({ displayName: "y" }), transaction)),
  }),
  ...worksOf(sessions, {
    LogIn: (store) => store.begin(USER, "phone"),
    RefreshTokens: async (store) => store.rotate((await store.find(APPLICATION, sessionIdOf(7)))!),
    LogOut: (store) => store.end(USER, sessionIdOf(8)),
  }),
  ["LogOutEverywhere", (database) => database.sequelize.transaction((each) => sessions(database).endAll(USER, each))],
  [
    "mailed tokens",
    async (database) => {
      const tokens = mailTokens(database);
      const registered = { application: APPLICATION, email: emailOf(9_999), passwordHash: "x", displayName: "x" };
      const { token } = await database.sequelize.transaction((each) => tokens.issueActivation(registered, each));
      await tokens.findRegistered(APPLICATION, token);
      await database.sequelize.transaction(async (each) => {
        await tokens.issueReset(USER, each);
        await tokens.use(token, each);
        await tokens.forget(USER, each);
        await tokens.forgetRegistered(registered, each);
      });
    },
  ],
  ...worksOf((database) => new TokenKeyStore(database), {
    "the keys of an application": (store) => store.findAll(APPLICATION),
    ListTokenKeys: (store) => store.list(APPLICATION, 51),
    DeleteTokenKey: (store) => store.delete(APPLICATION, "k"),
  }),
];

const chats = (database: Database) => new ChatStore({ database, queue: {} as WriteQueue, horizon: undefined as never });
const idle = { catchUp: async () => undefined };
const ofAuthor = (viewer: Viewer) => ({ author: "user 3", before: 2 ** 50, limit: 51, viewer });
const authored = (database: Database) => new AuthorMessages({ database, chats: Object.assign(chats(database), idle) });

const CHATS: Works = [
  ...worksOf(chats, { "a pair's chat": (store) => store.newestOfPair(CHAT, "p".repeat(64)) }),
  ...worksOf((database) => new UserChats(database), {
    "ListChats of a user": (store) => store.list(VIEWER, { after: undefined, limit: 51, nowMs: 1 }, signal),
    "ListChats of a user, a further page": (store) => {
      const after = { activity: 150, number: 150 };
      return store.list(VIEWER, { after, limit: 51, nowMs: 1 }, signal);
    },
  }),
  ...worksOf((database) => new MemberStore(database), {
    GetMember: (store) => store.find({ ...CHAT, user: userOf(7) }),
    ListMembers: (store) => store.list(CHAT, { after: "", limit: 51 }, signal),
    "100 members": (store) =>
      store.findAll(
        CHAT,
        Array.from({ length: 100 }, (_, index) => userOf(index)),
      ),
    "ListMembers, a further page": (store) => store.list(CHAT, { after: userOf(500), limit: 51 }, signal),
  }),
  ...worksOf(authored, {
    "ListMessages of an author in all chats": (store) => store.list(CHAT, ofAuthor({ kind: "backend" }), signal),
    "ListMessages of an author in the chats of a user": (store) =>
      store.list(CHAT, ofAuthor({ kind: "user", user: userOf(3), isAgent: false }), signal),
    "ListMessages of an author in the chats of an agent": (store) =>
      store.list(CHAT, ofAuthor({ kind: "user", user: userOf(3), isAgent: true }), signal),
  }),
];

/** What calls about people read and write. */
export const PEOPLE_CALLS: Works = [...ACCOUNTS, ...CHATS];

const name = { kind: "member", chat: CHAT, user: userOf(7) } as const;

const FACTS: Works = worksOf((database) => new SqlFactSource({ database, ...idle }), {
  "facts of a user": (source) => source.load({ kind: "user", application: APPLICATION, user: userOf(7) }),
  "facts of a chat": (source) => source.load({ kind: "chat", chat: CHAT }),
  "facts of a member": (source) => source.load(name),
  "facts of a message": (source) => source.load({ kind: "message", message: { ...CHAT, message: 7 } }),
  "facts of an application": (source) => source.load({ kind: "application", application: APPLICATION }),
});

/** What is read to decide, and to know that it changed. */
export const PEOPLE_LOOPS: Works = [
  ...FACTS,
  [
    "what changed",
    async (database) => {
      const log = pino({ level: "silent" });
      const follower = new FactChangeFollower({ database, ttlMs: 0, log });
      follower.start(() => undefined);
      await follower.stop();
    },
  ],
  ["changes that everybody knows", (database) => removeRecorded(database, 20 * 60_000)],
];
