import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Chat_Kind, SupportState_Status } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { Author_Type } from "../../gen/parley/v1/message_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";

const created = timestampFromMs(Date.UTC(2026, 2, 2, 9, 30, 0, 125));
const changed = timestampFromMs(Date.UTC(2026, 2, 2, 9, 41, 7, 250));

export const APPLICATION = {
  name: "applications/k3v9x2m7q8w1z5c4b6n0a2s8d7",
  displayName: "Bakery",
  chatsCount: 12,
  createTime: created,
  updateTime: changed,
  etag: "1-mm8q4c2x",
};

export const NEW_APPLICATION = {
  ...APPLICATION,
  chatsCount: 0,
  updateTime: created,
  apiKey: "parley_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
};

export const USER = {
  name: `${APPLICATION.name}/users/ada`,
  displayName: "Ada",
  avatarUrl: "https://example.com/ada.png",
  metadata: { plan: "gold" },
  email: "ada@example.com",
  role: User_Role.USER,
  activateTime: changed,
  createTime: created,
  updateTime: changed,
  etag: "1-mm8q4c2x",
};

export const TOKENS = {
  accessToken: "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
  accessTokenExpireTime: timestampFromMs(Date.UTC(2026, 2, 2, 9, 56, 7, 250)),
  refreshToken: "k3v9x2m7q8w1z5c4b6n0a2s8d7.1.YW4gZXhhbXBsZSBvZiBhIHJlZnJlc2ggdG9rZW4",
  refreshTokenExpireTime: timestampFromMs(Date.UTC(2026, 3, 1, 9, 41, 7, 250)),
  user: USER,
};

export const TOKEN_KEY = {
  name: `${APPLICATION.name}/tokenKeys/m1n2b3v4c5x6z7l8k9j0h1g2f3`,
  publicKey: '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}',
  issuer: "https://bakery.example.com",
  createTime: created,
};

export const CHAT = {
  name: `${APPLICATION.name}/chats/1`,
  number: 1,
  title: "Order 1045",
  kind: Chat_Kind.OPEN,
  metadata: { order: "1045" },
  messagesCount: 2,
  createTime: created,
  updateTime: created,
  lastMessageTime: changed,
  etag: "1-mm8q4c2x",
};

/** The same as a session that an agent has answered. */
export const SUPPORT_CHAT = {
  ...CHAT,
  kind: Chat_Kind.SUPPORT,
  creator: "ada",
  membersCount: 1,
  support: { status: SupportState_Status.PENDING, agent: "grace", firstResponseTime: changed },
};

export const MEMBER = {
  name: `${CHAT.name}/members/ada`,
  user: "ada",
  displayName: USER.displayName,
  avatarUrl: USER.avatarUrl,
  role: Member_Role.MEMBER,
  joinTime: created,
  readNumber: 1,
};

export const AUTHOR = { user: "ada", displayName: "Ada", type: Author_Type.CUSTOMER };

export const MESSAGE = {
  name: `${CHAT.name}/messages/1`,
  number: 1,
  content: { case: "body", value: "When will the cake be ready?" },
  author: AUTHOR,
  metadata: { locale: "en" },
  createTime: changed,
  updateTime: changed,
  etag: "1-mm8q4c2x",
} as const;

export const TOMBSTONE = {
  name: MESSAGE.name,
  number: MESSAGE.number,
  author: AUTHOR,
  createTime: created,
  updateTime: changed,
  deleteTime: changed,
  etag: "2-mm8q5k7f",
};
