import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { AddMembersSchema, type ChangeMembers, UpdateMemberSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { formatChatName } from "../../../services/aip/resource-name.ts";
import { checkKindAllows } from "../../../services/member/kind-rules.ts";
import { failureOf } from "../../failure.ts";

const { OPEN, DIRECT, GROUP, SUPPORT } = Chat_Kind;
const CHAT = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };

const ADD: ChangeMembers["kind"] = { case: "add", value: create(AddMembersSchema, { users: ["bob"] }) };
const REMOVE: ChangeMembers["kind"] = { case: "remove", value: "bob" };
const update = (...fields: string[]): ChangeMembers["kind"] => ({
  case: "update",
  value: create(UpdateMemberSchema, { fields }),
});

describe("what a chat is for", () => {
  test.each([
    ["a group takes members", GROUP, ADD],
    ["a group lets them go", GROUP, REMOVE],
    ["a group has roles", GROUP, update("role")],
    ["a group mutes and bans", GROUP, update("mute_expire_time", "ban_expire_time")],
    ["a session mutes and bans its customer", SUPPORT, update("mute_expire_time", "ban_expire_time")],
  ])("allows that %s", (_, kind, change) => {
    expect(() => checkKindAllows(CHAT, { kind }, change)).not.toThrow();
  });

  test.each([
    ["a pair takes members", DIRECT, ADD, "nobody is added"],
    ["a session takes members", SUPPORT, ADD, "nobody is added"],
    ["an open chat takes members", OPEN, ADD, "nobody is added"],
    ["one leaves a pair", DIRECT, REMOVE, "nobody leaves"],
    ["a customer leaves its session", SUPPORT, REMOVE, "nobody leaves"],
    ["a pair has roles", DIRECT, update("role"), "no roles"],
    ["a session has roles, also beside a mute", SUPPORT, update("mute_expire_time", "role"), "no roles"],
    ["one of a pair is muted", DIRECT, update("mute_expire_time"), "nobody is muted"],
    ["one of a pair is banned", DIRECT, update("ban_expire_time"), "nobody is muted or banned"],
  ])("does not allow that %s", async (_, kind, change, lacks) => {
    const failure = await failureOf((async () => checkKindAllows(CHAT, { kind }, change))());
    const resource = formatChatName(CHAT);
    expect(failure).toMatchObject({ code: "FailedPrecondition", reason: "KIND_MISMATCH", metadata: { resource } });
    expect(failure.message).toContain(lacks);
  });
});
