import { create, type DescMethodUnary, type MessageInitShape } from "@bufbuild/protobuf";
import { createContextValues, type UnaryRequest } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { ApplicationService } from "../../../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../../../gen/parley/v1/auth_service_pb.ts";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { Member_Role, type UpdateMemberRequest } from "../../../gen/parley/v1/member_pb.ts";
import { MemberService } from "../../../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { SupportService } from "../../../gen/parley/v1/support_service_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { UserService } from "../../../gen/parley/v1/user_service_pb.ts";
import { authorize } from "../../../services/auth/authorize.ts";
import { setPrincipal, type UserPrincipal } from "../../../services/auth/principal.ts";
import type { RelationFacts } from "../../../services/auth/relations.ts";
import { type Standing, standingOf } from "../../../services/auth/standing.ts";
import type { ChatFacts, MemberFacts, MessageFacts } from "../../../services/facts/facts.ts";
import { seesNotes } from "../../../services/message/notes.ts";
import { failureOf } from "../../failure.ts";

const APPLICATION = "0123456789abcdefghjkmnpqrs";
const OWN = `applications/${APPLICATION}`;
const CHAT = `${OWN}/chats/1`;
const { GROUP, SUPPORT, OPEN } = Chat_Kind;
const { getChat, updateChat } = ChatService.method;
const { createMessage, updateMessage, deleteMessage, listMessages } = MessageService.method;

/** What is known; of what is left out nothing may be asked. */
type Known = { chat?: ChatFacts; member?: MemberFacts; message?: MessageFacts };

const chatOf = (kind: Chat_Kind, creator = "owner"): ChatFacts => ({ kind, creator, slowModeMs: 0 });
const memberOf = (role: Member_Role = Member_Role.MEMBER, facts: Partial<MemberFacts> = {}): MemberFacts => ({
  ...{ role, mutedUntilMs: 0, bannedUntilMs: 0 },
  ...facts,
});

function factsOf(known: Known, later: boolean): RelationFacts {
  const answer = <Kind extends keyof Known>(kind: Kind) => {
    expect(Object.keys(known)).toContain(kind);
    return later ? Promise.resolve(known[kind]) : known[kind];
  };
  return { chat: () => answer("chat"), member: () => answer("member"), message: () => answer("message") };
}

function userOf(role: User_Role = User_Role.USER, user = "me"): UserPrincipal {
  return { kind: "user", application: APPLICATION, user, displayName: "Me", role, bot: false, session: undefined };
}

/** What came through, where the call was let through; whether the facts come at once must not matter. */
async function pass<Method extends DescMethodUnary>(
  method: Method,
  fields: MessageInitShape<Method["input"]>,
  { user = userOf(), ...known }: Known & { user?: UserPrincipal } = {},
): Promise<{ request: UnaryRequest; standing: Standing }> {
  const run = async (later: boolean) => {
    const contextValues = createContextValues();
    setPrincipal(contextValues, user);
    const message = create(method.input, fields);
    const passed: UnaryRequest[] = [];
    const next = async (request: unknown) => void passed.push(request as UnaryRequest);
    const request = { stream: false, method, message, contextValues };
    const answer = authorize(factsOf(known, later))(next as never)(request as never);
    if (!later) expect(passed, "the call goes on at once").toHaveLength(1);
    await answer;
    return { request: passed[0]!, standing: standingOf(contextValues) };
  };
  await run(true);
  return run(false);
}

describe("a user", () => {
  test.each([
    [GROUP, memberOf(), ["member"]],
    [Chat_Kind.DIRECT, memberOf(), ["member"]],
    [GROUP, memberOf(Member_Role.MEMBER, { bannedUntilMs: Date.now() - 1 }), ["member"]],
    [GROUP, memberOf(Member_Role.OWNER), ["member"]],
  ])("of a chat of the kind %s is a member where it is one: %o", async (kind, member, relations) => {
    const chat = chatOf(kind);
    const { standing } = await pass(getChat, { name: CHAT }, { chat, member });
    expect(standing).toEqual({ relations, chat, member });
    expect(seesNotes(standing)).toBe(false);
  });

  test("has those relations alone that the method is open to", async () => {
    const known = { chat: chatOf(GROUP), member: memberOf(Member_Role.OWNER) };
    const { standing } = await pass(updateChat, { chat: { name: CHAT } }, known);
    expect(standing.relations).toEqual(["owner"]);
  });

  test.each([
    ["a chat that does not exist", { chat: undefined }],
    ["an open chat", { chat: chatOf(OPEN, "me") }],
    ["a group it is not in", { chat: chatOf(GROUP, "me"), member: undefined }],
    ["a group it is banned from", { chat: chatOf(GROUP), member: memberOf(1, { bannedUntilMs: Date.now() + 60_000 }) }],
    ["another's support session", { chat: chatOf(SUPPORT), member: undefined }],
    [
      "its session, banned",
      { chat: chatOf(SUPPORT, "me"), member: memberOf(1, { bannedUntilMs: Date.now() + 60_000 }) },
    ],
  ] as [string, Known][])("finds nothing of %s", async (_, known) => {
    for (const [method, fields] of [
      [getChat, { name: CHAT }],
      [createMessage, { parent: CHAT }],
      [deleteMessage, { name: `${CHAT}/messages/1` }],
      [MemberService.method.removeMember, { name: `${CHAT}/members/me` }],
    ] as [DescMethodUnary, object][]) {
      const failure = await failureOf(pass(method, fields as never, known));
      const resource = Object.values(fields)[0] as string;
      expect(failure).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND", metadata: { resource } });
    }
  });

  test("who is an agent sees support sessions, their notes too, and no other chats", async () => {
    const user = userOf(User_Role.AGENT);
    const { standing } = await pass(getChat, { name: CHAT }, { user, chat: chatOf(SUPPORT), member: undefined });
    expect([standing.relations, seesNotes(standing)]).toEqual([["agent"], true]);
    const hidden = pass(getChat, { name: CHAT }, { user, chat: chatOf(GROUP), member: undefined });
    expect(await failureOf(hidden)).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
  });

  test("of another application finds nothing, whatever is there", async () => {
    const foreign = `applications/0123456789abcdefghjkmnpqrt/chats/1`;
    expect(await failureOf(pass(getChat, { name: foreign }))).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
  });

  test("without the right role is told so, with the chat's name", async () => {
    const known = { chat: chatOf(GROUP), member: memberOf() };
    const failure = await failureOf(pass(updateChat, { chat: { name: CHAT } }, known));
    expect(failure).toMatchObject({ code: "PermissionDenied", reason: "ROLE_DENIED", metadata: { resource: CHAT } });
  });

  test("asks for its own messages in all chats, and for no other's", async () => {
    const parent = `${OWN}/chats/-`;
    expect((await pass(listMessages, { parent, author: "me" })).standing.relations).toEqual(["self"]);
    for (const author of ["", "you"]) {
      expect(await failureOf(pass(listMessages, { parent, author }))).toMatchObject({ reason: "METHOD_DENIED" });
    }
  });
});

test.each<[string, DescMethodUnary, object, Known, string]>([
  [
    "the roles in the application that it needs, and its own",
    SupportService.method.listSupportChats,
    { parent: OWN },
    {},
    "ListSupportChats is for users with the role AGENT or ADMIN, the application's backend and the administrator; " +
      "this user has the role USER",
  ],
  [
    "that a user may itself",
    AuthService.method.logOutEverywhere,
    { name: `${OWN}/users/you` },
    {},
    "LogOutEverywhere is for the user itself, users with the role ADMIN, the application's backend and the " +
      "administrator; this user has the role USER",
  ],
  [
    "that it may ask for its own messages",
    listMessages,
    { parent: `${OWN}/chats/-`, author: "you" },
    {},
    "ListMessages is for users who ask for their own messages, users with the role AGENT or ADMIN, the application's " +
      "backend and the administrator; this user has the role USER",
  ],
  [
    "the roles in a group that it needs, and its own",
    updateChat,
    { chat: { name: CHAT } },
    { chat: chatOf(GROUP), member: memberOf() },
    `UpdateChat of ${CHAT} is for OWNERs of the chat, ADMINs of the chat, the application's backend and the ` +
      "administrator; this user is a MEMBER of the chat",
  ],
  [
    "whose a message is that it may change",
    updateMessage,
    { message: { name: `${CHAT}/messages/1` } },
    { chat: chatOf(SUPPORT, "me"), member: undefined as never, message: { author: "you", internal: false } },
    `UpdateMessage of ${CHAT}/messages/1 is for the author of the message, the application's backend and the ` +
      "administrator; this user is the customer of the chat",
  ],
])("a user that is denied a method is told %s", async (_what, method, fields, known, message) => {
  expect((await failureOf(pass(method, fields as never, known))).message).toBe(message);
});

test("who is denied a method that is not for users is told which key opens it", async () => {
  const user = { name: `${OWN}/users/me` };
  expect((await failureOf(pass(AuthService.method.createUserTokens, user))).message).toContain("api_key");
  const application = { name: OWN };
  const { message } = await failureOf(pass(ApplicationService.method.deleteApplication, application));
  expect(message).toMatch(/; use the admin key$/);
});

describe("the author of a message", () => {
  const name = `${CHAT}/messages/1`;
  const inGroup = { chat: chatOf(GROUP), member: memberOf() };
  const written = (author: string, internal = false) => ({ message: { author, internal } });

  test("may change it, and others not", async () => {
    const { standing } = await pass(updateMessage, { message: { name } }, { ...inGroup, ...written("me") });
    expect(standing.relations).toEqual(["author"]);
    for (const author of ["you", ""]) {
      const failure = await failureOf(pass(updateMessage, { message: { name } }, { ...inGroup, ...written(author) }));
      expect(failure).toMatchObject({ reason: "ROLE_DENIED", metadata: { resource: name } });
    }
  });

  test("is not asked after where the caller's role is enough", async () => {
    const moderated = { chat: chatOf(GROUP), member: memberOf(Member_Role.ADMIN) };
    expect((await pass(deleteMessage, { name }, moderated)).standing.relations).toEqual(["moderator"]);
  });

  test.each([
    ["that does not exist", undefined],
    ["that is a note", { author: "agent", internal: true }],
  ])("of a message %s is nobody: to a customer it does not exist", async (_, message) => {
    const session = { chat: chatOf(SUPPORT, "me"), member: undefined };
    for (const [method, fields] of [
      [updateMessage, { message: { name } }],
      [deleteMessage, { name }],
    ] as [DescMethodUnary, object][]) {
      const failure = await failureOf(pass(method, fields as never, { ...session, message }));
      expect(failure).toMatchObject({ code: "NotFound", metadata: { resource: name } });
    }
  });
});

describe("a muted member", () => {
  const mutedUntilMs = Date.now() + 60_000;
  const known = { chat: chatOf(GROUP), member: memberOf(Member_Role.MEMBER, { mutedUntilMs }) };

  test("may not write, and is told until when", async () => {
    const failure = await failureOf(pass(createMessage, { parent: CHAT }, known));
    const metadata = { resource: CHAT, until: new Date(mutedUntilMs).toISOString() };
    expect(failure).toMatchObject({ code: "PermissionDenied", reason: "MUTED", metadata });
  });

  test("reads, takes back what it wrote, and writes again once that is over", async () => {
    await pass(listMessages, { parent: CHAT }, known);
    await pass(deleteMessage, { name: `${CHAT}/messages/1` }, { ...known, message: { author: "me", internal: false } });
    const before = memberOf(Member_Role.MEMBER, { mutedUntilMs: Date.now() - 1 });
    await pass(createMessage, { parent: CHAT }, { chat: chatOf(GROUP), member: before });
  });
});

describe("fields", () => {
  const name = `${CHAT}/members/you`;
  const moderated = { chat: chatOf(GROUP), member: memberOf(Member_Role.ADMIN) };
  const { updateMember } = MemberService.method;

  test.each([
    ["that are set", { member: { name, role: Member_Role.OWNER } }, "member.role"],
    ["that the mask names", { member: { name }, updateMask: { paths: ["mute_expire_time", "role"] } }, "member.role"],
    ["below which the mask names one", { member: { name }, updateMask: { paths: ["role.x"] } }, "member.role"],
  ])("%s and not the caller's to set are denied", async (_, request, field) => {
    const failure = await failureOf(pass(updateMember, request, moderated));
    expect(failure).toMatchObject({ code: "PermissionDenied", reason: "FIELD_DENIED", metadata: { field } });
  });

  test("that are not the caller's are all named, where it sends its whole profile back", async () => {
    const profile = { displayName: "Me", email: "me@example.com", role: User_Role.USER };
    const failure = await failureOf(
      pass(UserService.method.updateUser, { user: { name: `${OWN}/users/me`, ...profile } }),
    );
    expect(failure.message).toBe(
      "this credential may not set user.email, user.role; leave them out, or name in update_mask what is to change",
    );
    const note = { parent: CHAT, message: { internal: true } };
    const known = { chat: chatOf(GROUP), member: memberOf() };
    expect((await failureOf(pass(createMessage, note, known))).message).toBe(
      "this credential may not set message.internal; leave it out",
    );
  });

  test("by which a read names a user are the backend's, whatever else of it is open", async () => {
    const known = { chat: chatOf(GROUP), member: memberOf(Member_Role.OWNER) };
    for (const user of ["you", "me"]) {
      const failure = await failureOf(pass(getChat, { name: CHAT, user }, known));
      expect(failure).toMatchObject({ reason: "FIELD_DENIED", metadata: { field: "user" } });
    }
    await pass(listMessages, { parent: CHAT, author: "you" }, known);
  });

  test("that a read does not show are not looked for by either", async () => {
    const { listUsers } = UserService.method;
    const request = { parent: OWN, email: "you@example.com" };
    const agent = userOf(User_Role.AGENT);
    const failure = await failureOf(pass(listUsers, request, { user: agent }));
    expect(failure).toMatchObject({ reason: "FIELD_DENIED", metadata: { field: "email" } });
    await pass(listUsers, { parent: OWN }, { user: agent });
    await pass(listUsers, request, { user: userOf(User_Role.ADMIN) });
  });

  test("that are set but not in the mask do not matter", async () => {
    const request = { member: { name, role: Member_Role.OWNER }, updateMask: { paths: ["ban_expire_time"] } };
    await pass(updateMember, request, moderated);
  });

  test("of a mask of * are those that the caller may change", async () => {
    const request = { member: { name, role: Member_Role.OWNER }, updateMask: { paths: ["*"] } };
    const passed = (await pass(updateMember, request, moderated)).request.message as UpdateMemberRequest;
    expect(passed.updateMask?.paths).toEqual(["mute_expire_time", "ban_expire_time"]);
    const owned = { chat: chatOf(GROUP), member: memberOf(Member_Role.OWNER) };
    const whole = (await pass(updateMember, request, owned)).request.message as UpdateMemberRequest;
    expect(whole.updateMask?.paths).toEqual(["*"]);
  });

  test("that the server gives are nobody's to deny", async () => {
    await pass(
      createMessage,
      { parent: CHAT, message: { name: `${CHAT}/messages/1`, number: 7, etag: "x" } },
      {
        ...{ chat: chatOf(GROUP), member: memberOf() },
      },
    );
  });

  test("are those of all that a user is: an ADMIN changes its own role, too", async () => {
    const request = { user: { name: `${OWN}/users/me`, role: User_Role.AGENT } };
    expect(await failureOf(pass(UserService.method.updateUser, request))).toMatchObject({ reason: "FIELD_DENIED" });
    await pass(UserService.method.updateUser, request, { user: userOf(User_Role.ADMIN) });
  });
});
