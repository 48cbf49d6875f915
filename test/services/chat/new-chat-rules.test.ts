import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { Chat_Kind, ChatSchema } from "../../../gen/parley/v1/chat_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import type { Principal } from "../../../services/auth/principal.ts";
import { checkKind, checkSize, namedUsers } from "../../../services/chat/new-chat-rules.ts";
import { failureOf } from "../../failure.ts";

const { OPEN, DIRECT, GROUP, SUPPORT } = Chat_Kind;
const application = "0123456789abcdefghjkmnpqrs";
const BACKEND: Principal = { kind: "application", application };
const ADA: Principal = {
  ...{ kind: "user", application, user: "ada", displayName: "Ada" },
  ...{ role: User_Role.USER, bot: false, session: undefined },
};

const chatOf = (kind: Chat_Kind, creator: string, members: string[] = [], title = "") =>
  create(ChatSchema, { kind, creator, members, title });
const failureIn = (check: () => void) => failureOf((async () => check())());

describe("a new chat", () => {
  test.each([
    ["an open one, of the backend", chatOf(OPEN, "", [], "All"), BACKEND],
    ["an open one that has a creator", chatOf(OPEN, "ada"), BACKEND],
    ["a pair", chatOf(DIRECT, "ada", ["bob"]), ADA],
    ["a group of one", chatOf(GROUP, "ada", [], "Mine"), ADA],
    ["a group that names its creator, and one twice", chatOf(GROUP, "ada", ["ada", "bob", "bob"]), BACKEND],
    ["a session", chatOf(SUPPORT, "ada", [], "Help"), ADA],
  ])("is %s", (_, chat, caller) => {
    expect(() => checkKind(chat, caller)).not.toThrow();
  });

  test.each([
    ["an open one of a user, who would not see it", chatOf(OPEN, "ada"), ADA, "chat.kind"],
    ["an open one with members", chatOf(OPEN, "", ["bob"]), BACKEND, "chat.members"],
    ["a group of nobody", chatOf(GROUP, "", ["bob"]), BACKEND, "chat.creator"],
    ["a pair of nobody", chatOf(DIRECT, "", ["bob"]), BACKEND, "chat.creator"],
    ["a session of nobody", chatOf(SUPPORT, ""), BACKEND, "chat.creator"],
    ["a session with members", chatOf(SUPPORT, "ada", ["bob"]), ADA, "chat.members"],
    ["a pair of one", chatOf(DIRECT, "ada"), ADA, "chat.members"],
    ["a pair of three", chatOf(DIRECT, "ada", ["bob", "cid"]), ADA, "chat.members"],
    ["a pair of somebody and itself", chatOf(DIRECT, "ada", ["ada"]), ADA, "chat.members"],
    ["a pair with a title", chatOf(DIRECT, "ada", ["bob"], "Bob"), ADA, "chat.title"],
  ])("is not %s", async (_, chat, caller, field) => {
    const failure = await failureIn(() => checkKind(chat, caller));
    expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: [field] });
  });

  test("has as many members as a group may have, its creator among them", async () => {
    expect(() => checkSize(["bob", "cid"], 3)).not.toThrow();
    const failure = await failureIn(() => checkSize(["bob", "cid", "dan"], 3));
    expect(failure).toMatchObject({ code: "InvalidArgument", fields: ["chat.members"] });
    expect(failure.message).toContain("fewer than 3");
  });

  test("names users who must be there: its members, and the creator whom the backend gives", () => {
    const chat = chatOf(GROUP, "ada", ["bob", "cid"]);
    const members = [
      { field: "chat.members[0]", user: "bob" },
      { field: "chat.members[1]", user: "cid" },
    ];
    expect(namedUsers(chat, ADA)).toEqual(members);
    expect(namedUsers(chat, BACKEND)).toEqual([{ field: "chat.creator", user: "ada" }, ...members]);
    expect(namedUsers(chatOf(OPEN, ""), BACKEND)).toEqual([]);
  });
});
