import { toJson } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Application, RateLimitsSchema } from "../../gen/parley/v1/application_pb.ts";
import { failureOf, failuresOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { exchange } from "../rest-transport.ts";
import type { Services, Tenant } from "../tenant.ts";

const INVALID = { code: "Unauthenticated", reason: "CREDENTIAL_INVALID" };

let session: ParleySession;
let tenant: Tenant;

beforeAll(async () => {
  session = await openParleySession({ COUNT_INTERVAL: "100ms" });
});

afterAll(() => session.close());

beforeEach(async () => {
  tenant = await session.createTenant();
});

const create = (displayName: string) => session.admin.applications.createApplication({ application: { displayName } });
const get = (caller: Pick<Services, "applications"> = tenant) =>
  caller.applications.getApplication({ name: tenant.name });

describe("an application", () => {
  test("has a name that cannot be guessed and a key that is told once", async () => {
    const [a, b] = [await create("same"), await create("same")];
    expect(a.name).toMatch(/^applications\/[0-9a-z]{26}$/);
    expect(a.apiKey).toMatch(/^parley_[\w-]{43}$/);
    expect(new Set([a.name, b.name, a.apiKey, b.apiKey]).size).toBe(4);
    const read = await session.admin.applications.getApplication({ name: a.name });
    expect(read).toEqual({ ...a, apiKey: "" });
  });

  test("reads the same for its own key and after a restart", async () => {
    const before = await get();
    expect(await get(session.admin)).toEqual(before);
    await session.restart();
    tenant = session.reopen(tenant);
    expect(await get()).toEqual(before);
  });

  test.each(["x", "é".repeat(100), "🎈".repeat(100), " padded "])("may be called %j", async (displayName) => {
    expect((await create(displayName)).displayName).toBe(displayName);
  });

  test.each(["", " ", "\u3000", "a\0", "x".repeat(101)])(
    "may not be called %j, in an update either",
    async (displayName) => {
      const updated = tenant.applications.updateApplication({
        application: { name: tenant.name, displayName },
        updateMask: { paths: ["display_name"] },
      });
      for (const { fields } of await failuresOf([create(displayName), updated])) {
        expect(new Set(fields)).toEqual(new Set(["application.display_name"]));
      }
    },
  );

  test("is listed newest first, in pages", async () => {
    const names: string[] = [];
    for (const displayName of ["1", "2", "3", "4", "5"]) names.unshift((await create(displayName)).name);
    const { applications } = session.admin;
    const first = await applications.listApplications({ pageSize: 2 });
    await create("newer");
    const second = await applications.listApplications({ pageSize: 3, pageToken: first.nextPageToken });
    expect([...first.applications, ...second.applications].map(({ name }) => name)).toEqual(names);
    for (const { apiKey } of first.applications) expect(apiKey).toBe("");
    const all = await applications.listApplications({ pageSize: 2_000_000_000 });
    expect(new Set(all.applications.map(({ name }) => name)).size).toBe(all.applications.length);
    expect(all.nextPageToken).toBe("");
  });

  test("counts its chats without the deleted ones", async () => {
    const count = async () => (await get()).chatsCount;
    for (let chat = 0; chat < 3; chat++) await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    await expect.poll(count).toBe(3);
    await tenant.chats.deleteChat({ name: `${tenant.name}/chats/2` });
    await expect.poll(count).toBe(2);
  });
});

describe("an update", () => {
  test("changes the display_name and the etag, and is seen at once", async () => {
    const before = await get();
    const changed = await tenant.applications.updateApplication({
      application: { name: tenant.name, displayName: "New", etag: before.etag },
    });
    expect(changed).toMatchObject({ displayName: "New", createTime: before.createTime });
    expect(changed.etag).not.toBe(before.etag);
    expect(timestampDate(changed.updateTime!).getTime()).toBeGreaterThanOrEqual(
      timestampDate(before.updateTime!).getTime(),
    );
    expect(await get()).toEqual(changed);
    const stale = { name: tenant.name, displayName: "Late", etag: before.etag };
    expect(await failureOf(tenant.applications.updateApplication({ application: stale }))).toMatchObject({
      code: "Aborted",
    });
    expect(await tenant.applications.updateApplication({ application: { name: tenant.name } })).toEqual(changed);
  });

  test("sets the limits that its mask names, and leaves the others", async () => {
    const update = (rateLimits: object, ...paths: string[]) =>
      session.admin.applications.updateApplication({
        application: { name: tenant.name, rateLimits },
        updateMask: { paths },
      });
    const limitsOf = ({ rateLimits }: Application) => rateLimits && toJson(RateLimitsSchema, rateLimits);
    const own = await update({ userMessagesPerDay: 0, callsPerMinute: 7 }, "rate_limits.calls_per_minute");
    expect(limitsOf(own)).toEqual({ callsPerMinute: 7 });
    await update({ userMessagesPerDay: 0 }, "rate_limits.user_messages_per_day");
    expect(limitsOf(await get())).toEqual({ userMessagesPerDay: 0, callsPerMinute: 7 });
    expect(limitsOf(await update({}, "rate_limits.calls_per_minute"))).toEqual({ userMessagesPerDay: 0 });
    expect(limitsOf(await update({ callsPerMinute: 9 }, "rate_limits"))).toEqual({ callsPerMinute: 9 });
    expect(limitsOf(await update({}, "rate_limits.calls_per_minute"))).toBeUndefined();
    const { applications } = tenant;
    const denied = applications.updateApplication({
      application: { name: tenant.name },
      updateMask: { paths: ["rate_limits.calls_per_minute"] },
    });
    expect(await failureOf(denied)).toMatchObject({ code: "PermissionDenied", reason: "FIELD_DENIED" });
  });

  test("of others at the same time loses none with etags", async () => {
    const { etag } = await get();
    const update = (displayName: string) =>
      tenant.applications.updateApplication({ application: { name: tenant.name, displayName, etag } });
    const outcomes = await Promise.allSettled(["a", "b", "c"].map(update));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});

describe("a key", () => {
  test("that was replaced works for API_KEY_GRACE, a later one as long", async () => {
    const short = await openParleySession({ API_KEY_GRACE: "700ms" });
    const own = await short.createTenant();
    const rotate = (caller: Tenant) => caller.applications.rotateApiKey({ name: own.name });
    const read = (key: string) => short.reopen(own, key).applications.getApplication({ name: own.name });
    const works = (key: string) =>
      read(key).then(
        () => true,
        async () => !(await failureOf(read(key))),
      );

    const started = Date.now();
    const second = await rotate(own);
    const expiry = timestampDate(second.previousApiKeyExpireTime!).getTime();
    expect(expiry - started).toBeGreaterThanOrEqual(700);
    const third = await rotate(short.reopen(own, second.apiKey));
    for (const key of [own.key, second.apiKey, third.apiKey]) expect((await read(key)).name).toBe(own.name);
    expect((await read(third.apiKey)).previousApiKeyExpireTime).toEqual(third.previousApiKeyExpireTime);

    await expect.poll(() => works(own.key)).toBe(false);
    expect(Date.now()).toBeGreaterThanOrEqual(expiry);
    await expect.poll(() => works(second.apiKey)).toBe(false);
    expect(await failureOf(read(second.apiKey))).toMatchObject(INVALID);
    const last = await read(third.apiKey);
    expect(last.previousApiKeyExpireTime).toBeUndefined();
    await short.restart();
    expect(await failureOf(read(own.key))).toMatchObject(INVALID);
    expect(await read(third.apiKey)).toEqual(last);
    await short.close();
  });

  test("that was replaced still works after a restart within the grace", async () => {
    const { apiKey } = await tenant.applications.rotateApiKey({ name: tenant.name });
    await session.restart();
    expect((await get(session.reopen(tenant))).name).toBe(tenant.name);
    expect((await get(session.reopen(tenant, apiKey))).name).toBe(tenant.name);
  });

  test.each(["", "Bearer", "Bearer ", "Basic eDp5", "Bearer a b", "parley_x"])(
    "in the header %j is refused",
    async (authorization) => {
      const headers: Record<string, string> = { authorization };
      const answer = await exchange(`${session.address}/v1/${tenant.name}`, { method: "GET", headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    },
  );

  test("may follow the scheme in any case", async () => {
    const headers = { authorization: `bearer ${tenant.key}` };
    expect((await exchange(`${session.address}/v1/${tenant.name}`, { method: "GET", headers })).status).toBe(200);
  });
});

describe("a deletion", () => {
  test("of an application with chats wants force", async () => {
    const { applications } = session.admin;
    const { name } = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    expect(await failureOf(applications.deleteApplication({ name: tenant.name }))).toMatchObject({
      reason: "HAS_CHILDREN",
    });
    expect((await tenant.chats.createChat({ parent: tenant.name, chat: {} })).number).toBe(2);
    await tenant.chats.deleteChat({ name });
    await tenant.chats.deleteChat({ name: `${tenant.name}/chats/2` });
    const { etag } = await get();
    await applications.deleteApplication({ name: tenant.name, etag });
    expect(await failureOf(get(session.admin))).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
  });

  test("ends its keys at once and leaves nothing, also after a restart", async () => {
    const { name } = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    await tenant.messages.createMessage({ parent: name, message: text("gone") });
    const { apiKey } = await tenant.applications.rotateApiKey({ name: tenant.name });
    await session.admin.applications.deleteApplication({ name: tenant.name, force: true });
    for (const restarted of [false, true]) {
      if (restarted) await session.restart();
      const { applications, chats, messages, search } = session.admin;
      for (const key of [tenant.key, apiKey]) {
        expect(await failureOf(get(session.reopen(tenant, key)))).toMatchObject(INVALID);
      }
      const calls = [
        applications.getApplication({ name: tenant.name }),
        applications.updateApplication({ application: { name: tenant.name, displayName: "x" } }),
        applications.rotateApiKey({ name: tenant.name }),
        applications.deleteApplication({ name: tenant.name, force: true }),
        chats.listChats({ parent: tenant.name }),
        chats.createChat({ parent: tenant.name, chat: {} }),
        chats.getChat({ name }),
        messages.listMessages({ parent: name }),
        messages.createMessage({ parent: name, message: text("x") }),
        search.searchMessages({ parent: name, query: "gone" }),
      ];
      for (const failure of await failuresOf(calls)) expect(failure).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
      const { applications: listed } = await applications.listApplications({ pageSize: 1_000 });
      expect(listed.map((application) => application.name)).not.toContain(tenant.name);
    }
  });
});

test.each(["webhooks", "webhooks/1"])("the reserved name applications/*/%s answers 404", async (path) => {
  const headers = { authorization: `Bearer ${tenant.key}` };
  const answer = await exchange(`${session.address}/v1/${tenant.name}/${path}`, { method: "GET", headers });
  expect(answer.status).toBe(404);
});
