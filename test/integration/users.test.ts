import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { type User, User_Role } from "../../gen/parley/v1/user_pb.ts";
import { failureOf, failuresOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { type Services, servicesOf, type Tenant } from "../tenant.ts";

let session: ParleySession;
let tenant: Tenant;
let parent: string;
beforeAll(async () => {
  session = await openParleySession({ COUNT_INTERVAL: "100ms" });
});
afterAll(() => session.close());
beforeEach(async () => {
  tenant = await session.createTenant();
  parent = tenant.name;
});

const nameOf = (id: string) => `${parent}/users/${id}`;
const create = (userId = "", user: object = {}) => tenant.users.createUser({ parent, userId, user });

/** The services as a user calls them. */
async function as(userId: string): Promise<Services> {
  const { accessToken } = await tenant.auth.createUserTokens({ name: nameOf(userId), createUser: true });
  return servicesOf(session.transports.grpc, accessToken);
}

describe("creating a user", () => {
  test("gives it as it is read then", async () => {
    const user = await create("ann", {
      displayName: "Ann",
      avatarUrl: "https://a.example/ann.png",
      metadata: { __proto__: "x", plan: "gold" },
      email: "Ann@Example.com",
      role: User_Role.AGENT,
      bot: true,
    });
    expect(user).toMatchObject({ name: nameOf("ann"), email: "ann@example.com", role: User_Role.AGENT, bot: true });
    expect(await tenant.users.getUser({ name: user.name })).toEqual(user);
    expect((await tenant.users.listUsers({ parent })).users).toEqual([user]);
  });

  test("without anything gives a user of the role USER, whose id the server made", async () => {
    const user = await create();
    expect(user).toMatchObject({ displayName: "", role: User_Role.USER, bot: false, email: "" });
    expect(user.name).toMatch(new RegExp(`^${parent}/users/[0-9a-z]{26}$`));
  });

  test("is refused for an id or address that another has", async () => {
    await create("ann", { email: "ann@example.com" });
    const [id, email] = await failuresOf([create("ann"), create("bob", { email: "ANN@example.com" })]);
    expect(id).toMatchObject({ code: "AlreadyExists", reason: "USER_ID_TAKEN", metadata: { resource: nameOf("ann") } });
    expect(email).toMatchObject({
      code: "AlreadyExists",
      reason: "EMAIL_TAKEN",
      metadata: { resource: nameOf("ann") },
    });
  });

  test.each([".", "..", "-"])("is not made as %s, which means something else in a path", async (userId) => {
    const { name: parent } = tenant;
    const refused = { code: "InvalidArgument", reason: "FIELD_INVALID" };
    expect(await failureOf(tenant.users.createUser({ parent, userId, user: {} }))).toMatchObject(refused);
    const name = `${parent}/users/${userId}`;
    expect(await failureOf(tenant.auth.createUserTokens({ name, createUser: true }))).toMatchObject(refused);
  });

  test("is refused with a name, which would not be its own, and says how an id is given", async () => {
    const failure = await failureOf(create("", { name: nameOf("ann") }));
    expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["user.name"] });
    expect(failure.message).toContain("user_id");
    expect((await tenant.users.listUsers({ parent })).users).toEqual([]);
  });

  test("again under one request_id gives the same user, and another one nothing", async () => {
    const requestId = crypto.randomUUID();
    const request = { parent, user: { displayName: "Ann" }, requestId };
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => tenant.users.createUser(request)));
    expect(others).toEqual([first, first]);
    const other = tenant.users.createUser({ ...request, user: { displayName: "Bob" } });
    expect(await failureOf(other)).toMatchObject({ code: "AlreadyExists", reason: "REQUEST_ID_REUSED" });
  });

  test("needs an application, and metadata that is not too large", async () => {
    const elsewhere = `applications/${"0".repeat(26)}`;
    const failures = await failuresOf([
      session.admin.users.createUser({ parent: elsewhere, user: {} }),
      create("", { metadata: { key: "x".repeat(4_096) } }),
    ]);
    expect(failures.map(({ reason }) => reason)).toEqual(["RESOURCE_NOT_FOUND", "FIELD_INVALID"]);
  });
});

describe("reading users", () => {
  test("shows other users their public profile alone, and themselves all", async () => {
    const user = await create("ann", { displayName: "Ann", email: "ann@example.com", metadata: { key: "value" } });
    const { name, displayName, role } = user;
    const ann = await as("ann");
    const bob = await as("bob");
    expect(await ann.users.getUser({ name })).toEqual(user);
    const seen = await bob.users.getUser({ name });
    expect(seen).toMatchObject({ name, displayName, role, email: "", metadata: {}, etag: "" });
    expect(seen.createTime).toBeUndefined();
  });

  test("in a list is for managers, and for agents without what is not public", async () => {
    await create("agent", { role: User_Role.AGENT, email: "agent@example.com" });
    await create("manager", { role: User_Role.ADMIN });
    await create("ann");
    const emails = async ({ users }: Services) =>
      (await users.listUsers({ parent })).users.map((user: User) => user.email);
    expect(await emails(await as("manager"))).toEqual(["agent@example.com", "", ""]);
    expect(await emails(await as("agent"))).toEqual(["", "", ""]);
    expect(await failureOf(emails(await as("ann")))).toMatchObject({ code: "PermissionDenied" });
  });

  test("is found by its address in whatever case, by who is shown addresses", async () => {
    const agent = await create("agent", { role: User_Role.AGENT, email: "Agent@Example.com" });
    await create("manager", { role: User_Role.ADMIN });
    const find = ({ users }: Services, email: string) => users.listUsers({ parent, email });
    for (const by of [tenant, await as("manager")]) {
      expect(await find(by, "aGENT@exaMPLE.com")).toMatchObject({ users: [agent], nextPageToken: "" });
      expect((await find(by, "nobody@example.com")).users).toEqual([]);
    }
    const other = await session.createTenant();
    expect((await other.users.listUsers({ parent: other.name, email: agent.email })).users).toEqual([]);
    const [byAgent, byAnn] = [await as("agent"), await as("ann")];
    const failures = await failuresOf([
      find(byAgent, agent.email),
      find(tenant, "no address"),
      find(byAnn, agent.email),
    ]);
    expect(failures).toMatchObject([
      { code: "PermissionDenied", reason: "FIELD_DENIED", metadata: { field: "email" } },
      { code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["email"] },
      { code: "PermissionDenied", reason: "METHOD_DENIED" },
    ]);
    await tenant.users.deleteUser({ name: agent.name });
    expect((await find(tenant, agent.email)).users).toEqual([]);
  });

  test("gives pages by their ids", async () => {
    for (const id of ["c", "a", "B", "d"]) await create(id);
    const first = await tenant.users.listUsers({ parent, pageSize: 3 });
    expect(first.users.map(({ name }) => name)).toEqual(["B", "a", "c"].map(nameOf));
    const second = await tenant.users.listUsers({ parent, pageSize: 3, pageToken: first.nextPageToken });
    expect(second).toMatchObject({ users: [{ name: nameOf("d") }], nextPageToken: "" });
    const foreign = (await session.createTenant()).users.listUsers({ parent, pageToken: first.nextPageToken });
    expect(await failureOf(foreign)).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
  });
});

describe("changing a user", () => {
  const update = (by: Services, user: { name: string } & Partial<User>, ...paths: string[]) =>
    by.users.updateUser({ user, updateMask: paths.length > 0 ? { paths } : undefined } as never);

  test("changes what it names, and nothing without a change", async () => {
    const user = await create("ann", { displayName: "Ann", metadata: { key: "value" }, role: User_Role.AGENT });
    const changed = await update(tenant, { name: user.name, displayName: "Anna" });
    expect(changed).toMatchObject({ displayName: "Anna", metadata: { key: "value" }, role: User_Role.AGENT });
    expect(changed.etag).not.toBe(user.etag);
    expect(await update(tenant, { name: user.name })).toEqual(changed);
    const cleared = await update(tenant, { name: user.name }, "*");
    expect(cleared).toMatchObject({ displayName: "", metadata: {}, role: User_Role.USER });
    expect(await tenant.users.getUser({ name: user.name })).toEqual(cleared);
  });

  test("of oneself is for the profile, also by *", async () => {
    await create("ann", { displayName: "Ann", role: User_Role.AGENT, email: "ann@example.com", bot: true });
    const ann = await as("ann");
    const changed = await update(ann, { name: nameOf("ann"), displayName: "Anna" }, "*");
    expect(changed).toMatchObject({ displayName: "Anna", role: User_Role.AGENT, email: "ann@example.com", bot: true });
    const denied = update(ann, { name: nameOf("ann"), role: User_Role.ADMIN }, "role");
    expect(await failureOf(denied)).toMatchObject({ code: "PermissionDenied", reason: "FIELD_DENIED" });
    expect(await failureOf(update(await as("bob"), { name: nameOf("ann"), displayName: "X" }))).toMatchObject({
      code: "PermissionDenied",
    });
  });

  test("gives a role that counts at once, and takes it", async () => {
    const ann = await as("ann");
    const list = () => ann.users.listUsers({ parent });
    expect(await failureOf(list())).toMatchObject({ code: "PermissionDenied" });
    await update(tenant, { name: nameOf("ann"), role: User_Role.ADMIN });
    expect((await list()).users).toHaveLength(1);
    await update(tenant, { name: nameOf("ann"), role: User_Role.USER });
    expect(await failureOf(list())).toMatchObject({ code: "PermissionDenied" });
  });

  test("with an etag of before is refused", async () => {
    const { name, etag } = await create("ann");
    await update(tenant, { name, displayName: "Ann" });
    expect(await failureOf(update(tenant, { name, etag, displayName: "X" }))).toMatchObject({
      reason: "ETAG_MISMATCH",
    });
    expect(await failureOf(tenant.users.deleteUser({ name, etag }))).toMatchObject({ reason: "ETAG_MISMATCH" });
  });

  test("to an address that another has is refused", async () => {
    await create("ann", { email: "ann@example.com" });
    const { name } = await create("bob");
    expect(await failureOf(update(tenant, { name, email: "ann@example.com" }))).toMatchObject({
      ...{ reason: "EMAIL_TAKEN", metadata: { resource: nameOf("ann") } },
    });
  });
});

describe("a deleted user", () => {
  test("is in no read, does not come back, and its address is free", async () => {
    const { name } = await create("ann", { email: "ann@example.com" });
    const ann = await as("ann");
    await ann.users.deleteUser({ name });
    const failures = await failuresOf([
      tenant.users.getUser({ name }),
      tenant.users.deleteUser({ name }),
      tenant.users.updateUser({ user: { name, displayName: "Ann" } }),
      tenant.auth.logOutEverywhere({ name }),
      create("ann"),
      ann.users.getUser({ name }),
    ]);
    expect(failures.map(({ reason }) => reason)).toEqual([
      ...Array(4).fill("RESOURCE_NOT_FOUND"),
      "USER_ID_TAKEN",
      "CREDENTIAL_INVALID",
    ]);
    expect((await tenant.users.listUsers({ parent })).users).toEqual([]);
    expect((await create("bob", { email: "ann@example.com" })).email).toBe("ann@example.com");
  });

  test("is in no chat, and its messages stay without its name", async () => {
    await create("ann", { displayName: "Ann" });
    await create("bob", { displayName: "Bob" });
    const chat = { kind: Chat_Kind.GROUP, creator: "bob" };
    const { name: group } = await tenant.chats.createChat({ parent, chat: { ...chat, members: ["ann", "bob"] } });
    const ann = await as("ann");
    await ann.messages.createMessage({ parent: group, message: text("hello") });
    await (await as("bob")).messages.createMessage({ parent: group, message: text("hello") });
    await ann.users.deleteUser({ name: nameOf("ann") });
    const { members } = await tenant.members.listMembers({ parent: group });
    expect(members.map(({ name }) => name)).toEqual([`${group}/members/bob`]);
    const authors = async () => {
      const { messages } = await tenant.messages.listMessages({ parent: group });
      const said = messages.filter(({ content }) => content.value === "hello");
      return said.map(({ author }) => [author!.user, author!.displayName]);
    };
    const erased = [
      ["bob", "Bob"],
      ["ann", ""],
    ];
    await expect.poll(authors, { timeout: 20_000 }).toEqual(expect.arrayContaining(erased));
  });
});
