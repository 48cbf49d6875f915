import { applicationOf, emailOf, FEW, sessionIdOf, userOf } from "./filled-names.ts";

/** Users of the first application; the others have a few. */
const USERS = 20_000;
/** Members of its first chat, and members of each further chat. */
const MEMBERS = 5_000;
const CHATS = 5_000;
/** Chats of the user who is in the most. */
const MANY_CHATS = 200;

function* users() {
  for (let application = 0; application < 500; application++) {
    for (let index = 0; index < (application === 0 ? USERS : FEW); index++) {
      const isGone = index % 1_000 === 999;
      const email = isGone || index % 2 === 1 ? null : emailOf(index);
      const times = { create_time: index, update_time: index, delete_time: isGone ? 5_000 : null };
      const state = {
        role: 1,
        bot: 0,
        tokens_from: 0,
        revision: 1,
        erase_due: isGone && index % 2_000 === 1_999 ? 1 : 0,
      };
      const key = { application: applicationOf(application), id: userOf(index) };
      yield { ...key, display_name: "x", avatar_url: null, metadata: null, email, ...state, ...times };
    }
  }
}

function* sessions() {
  for (let index = 0; index < USERS; index++) {
    const expire_time = index % 100 === 0 ? index : 4_000_000_000_000 + index;
    const owner = { application: applicationOf(0), user: userOf(index % 5_000) };
    const times = { rotate_time: index, create_time: index, revoke_time: index % 10 === 0 ? index : null };
    const token_hash = String(index).padStart(64, "0");
    yield { id: sessionIdOf(index), ...owner, device: "", generation: 1, token_hash, ...times, expire_time };
  }
}

function* mailTokens() {
  for (let index = 0; index < 5_000; index++) {
    const expire_time = index % 100 === 0 ? index : 4_000_000_000_000 + index;
    const owner = { application: applicationOf(index % 2), user: userOf(index), purpose: 1 };
    yield { hash: String(index).padStart(64, "0"), ...owner, create_time: index, expire_time };
  }
}

function* tokenKeys() {
  for (let index = 0; index < 4_000; index++) {
    const key = { application: applicationOf(index >> 1), id: `k${String(index).padStart(25, "0")}` };
    const claims = { user_claim: "sub", display_name_claim: "name", create_users: 0 };
    yield { ...key, public_key: "{}", issuer: "x", key_id: "", ...claims, create_time: index };
  }
}

function* members() {
  for (let chat = 1; chat <= CHATS; chat++) {
    for (let index = 0; index < (chat === 1 ? MEMBERS : FEW); index++) {
      // The first user is in many chats, the others in a few.
      const user = userOf(index === 0 && chat <= MANY_CHATS ? 0 : 1 + ((chat * FEW + index) % (USERS - 1)));
      const times = { join_time: chat, mute_expire_time: null, ban_expire_time: null };
      const key = { application: applicationOf(0), chat, user };
      yield { ...key, role: index === 0 ? 3 : 1, ...times, read_number: 1, change_seq: chat };
    }
  }
}

/** Ten a second, the last of them now. */
function* factChanges() {
  const now = Date.now();
  for (let index = 0; index < USERS; index++) {
    const key = { time: now - index * 100, id: sessionIdOf(index) };
    yield { ...key, application: applicationOf(0), chat: null, user: userOf(index) };
  }
}

/** The tables of users, of what they log in with, and of their memberships. */
export const PEOPLE_TABLES: Record<string, () => Generator<object>> = {
  users,
  sessions,
  mail_tokens: mailTokens,
  token_keys: tokenKeys,
  members,
  fact_changes: factChanges,
};
