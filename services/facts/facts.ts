import type { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { User_Role } from "../../gen/parley/v1/user_pb.ts";
import type { ChatName, MessageName } from "../aip/resource-name.ts";

/** What must be known of a user to decide what it may do. Times are milliseconds since 1970, UTC. */
export type UserFacts = {
  application: string;
  user: string;
  displayName: string;
  role: User_Role;
  bot: boolean;
  /** Access tokens issued before are over. */
  tokensFromMs: number;
  /** Ids of the last 200 sessions that ended while access tokens of theirs may still be valid; those of others are over. */
  endedSessions: readonly string[];
};

/** What must be known of a chat. */
export type ChatFacts = {
  kind: Chat_Kind;
  /** The user who created it: the customer of a support session. Undefined in an open chat that has none. */
  creator: string | undefined;
  slowModeMs: number;
};

/** What must be known of a member. */
export type MemberFacts = {
  role: Member_Role;
  /** 0 where it is not muted, or banned. */
  mutedUntilMs: number;
  bannedUntilMs: number;
};

/** What must be known of a message. It never changes. */
export type MessageFacts = { author: string; internal: boolean };

/** What must be known of an application: limits of its own, where they are set. 0 means none. */
export type ApplicationFacts = {
  userMessagesPerMinute: number | undefined;
  userMessagesPerDay: number | undefined;
  userCallsPerMinute: number | undefined;
  callsPerMinute: number | undefined;
};

/** At once where it is known, else once it was looked up. */
export type Soon<T> = T | Promise<T>;

/**
 * The facts on which decisions rest. Each is undefined where its resource does not exist, or no longer. They are cached,
 * and forgotten when they change: within a second in every process. A look-up sees every write that was answered.
 */
export interface Facts {
  user(application: string, user: string): Soon<UserFacts | undefined>;
  chat(chat: ChatName): Soon<ChatFacts | undefined>;
  member(chat: ChatName, user: string): Soon<MemberFacts | undefined>;
  message(message: MessageName): Soon<MessageFacts | undefined>;
  application(application: string): Soon<ApplicationFacts | undefined>;
}

/** What changed, or may be known no longer. A change of a chat or application holds for what is in it, too. */
export type FactChange =
  | { kind: "user"; application: string; user: string }
  | { kind: "chat"; chat: ChatName }
  | { kind: "member"; chat: ChatName; user: string }
  | { kind: "application"; application: string };

/** Tells every process that facts changed. */
export interface FactChanges {
  /**
   * Called once the change is in the database, and before whoever asked for it is answered. Resolves when this process
   * has forgotten them, and no other one will take them from a shared cache. Never rejects.
   */
  forget(changes: readonly FactChange[]): Promise<void>;
}
