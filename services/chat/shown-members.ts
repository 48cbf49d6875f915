import { type Attributes, Op } from "sequelize";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { Member } from "../../gen/parley/v1/member_pb.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import { memberFromRow } from "../member/member-codec.ts";
import { findProfiles } from "../member/member-profiles.ts";
import type { ChatRow } from "./chat-model.ts";

/** The members that a user is shown with its chats, by the chats' numbers: itself, and the other of each DIRECT chat. */
export type ShownMembers = { own: ReadonlyMap<number, Member>; peers: ReadonlyMap<number, Member> };

/** Reads the members of chats of one application that a user is shown with them. */
export async function findShownMembers(
  database: Database,
  chats: readonly Attributes<ChatRow>[],
  { application, user }: { application: string; user: string },
): Promise<ShownMembers> {
  const keys = chats.map(({ number }) => ({ application, user, chat: number }));
  const own = await findByKeys(database.members, keys);
  const pairs = chats.filter(({ kind }) => kind === Chat_Kind.DIRECT);
  const pairKeys = pairs.map(({ number }) => ({ application, chat: number }));
  const peers = await findByKeys(database.members, pairKeys, { where: { user: { [Op.ne]: user } } });
  const users = [...own, ...peers].map((row) => row.user);
  const profiles = await findProfiles(database, application, users);
  const byChat = (rows: typeof own) =>
    new Map(rows.map((row) => [row.chat, memberFromRow(row, profiles.get(row.user))]));
  return { own: byChat(own), peers: byChat(peers) };
}
