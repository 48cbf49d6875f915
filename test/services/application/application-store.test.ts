import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createResourceId } from "../../../services/aip/resource-id.ts";
import { ApplicationStore, StaleEtagError } from "../../../services/application/application-store.ts";
import { hashSecret } from "../../../services/auth/secret-hash.ts";
import { RequestReusedError } from "../../../services/database/request-memory.ts";
import type { CreateRequestKey } from "../../../services/numbering/numbering.ts";
import { WriterScene } from "../writer/writer-scene.ts";
import { deleteApplicationWrite } from "../writes.ts";

const DAY_MS = 86_400_000;
const GRACE_MS = 3_600_000;
const START_MS = 1_800_000_000_000;
const SHOP = { displayName: "Shop", rateLimits: null, registrationClosed: 0 };

let scene: WriterScene;
let store: ApplicationStore;
let requests = 0;
beforeAll(async () => {
  scene = await WriterScene.open();
  store = new ApplicationStore(scene.stores.database, { keyGraceMs: GRACE_MS, requestTtlMs: DAY_MS });
});
afterAll(() => scene.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  return () => vi.useRealTimers();
});

const newRequest = (digest = 1): CreateRequestKey => ({
  principal: "admin",
  requestId: `request ${++requests}`,
  digest: Uint8Array.of(digest),
});
const grantOf = (apiKey: string | undefined) => store.findKey(hashSecret(apiKey!));
const remove = (token: string) => scene.apply(deleteApplicationWrite(`applications/${token}`));

describe("a token", () => {
  test("is of 26 letters and digits, and never the same", () => {
    const tokens = Array.from({ length: 500 }, createResourceId);
    for (const token of tokens) expect(token).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
    expect(new Set(tokens).size).toBe(500);
  });
});

describe("creating an application", () => {
  test("makes a key that opens it, and keeps its hash alone", async () => {
    const { row, apiKey } = await store.create(SHOP, undefined);
    expect(row).toMatchObject({ displayName: "Shop", revision: 1, createTime: START_MS, updateTime: START_MS });
    expect(apiKey).toMatch(/^parley_[\w-]{43}$/);
    expect(await grantOf(apiKey)).toEqual({ application: row.token, expireTimeMs: null });
    expect(JSON.stringify(await scene.stores.database.apiKeys.findAll({ raw: true }))).not.toContain(apiKey);
    expect(await grantOf(`${apiKey}x`)).toBeUndefined();
  });

  test("gives the same application to a repeated request, without its key", async () => {
    const request = newRequest();
    const first = await store.create(SHOP, request);
    vi.setSystemTime(START_MS + DAY_MS - 1);
    expect(await store.create(SHOP, request)).toEqual({ row: first.row });
  });

  test("refuses another request under the same id, until the id is forgotten", async () => {
    const request = newRequest();
    const { row } = await store.create(SHOP, request);
    await expect(store.create(SHOP, { ...request, digest: Uint8Array.of(2) })).rejects.toThrow(RequestReusedError);
    vi.setSystemTime(START_MS + DAY_MS);
    const later = await store.create(SHOP, { ...request, digest: Uint8Array.of(2) });
    expect(later.row.token).not.toBe(row.token);
    expect(later.apiKey).toBeDefined();
  });

  test("refuses a repeated request whose application is gone", async () => {
    const request = newRequest();
    const { row } = await store.create(SHOP, request);
    await remove(row.token);
    await expect(store.create(SHOP, request)).rejects.toThrow(RequestReusedError);
  });

  test("makes one application of requests that come at the same time", async () => {
    const request = newRequest();
    const made = await Promise.all([1, 2, 3].map(() => store.create(SHOP, request)));
    expect(new Set(made.map(({ row }) => row.token)).size).toBe(1);
    expect(made.filter(({ apiKey }) => apiKey !== undefined)).toHaveLength(1);
  });
});

describe("rotating a key", () => {
  test("makes another, and lets the one before work for the grace", async () => {
    const { row, apiKey } = await store.create(SHOP, undefined);
    const rotated = await store.rotateKey(row.token, undefined);
    expect(rotated?.row).toEqual(row);
    expect(await grantOf(rotated?.apiKey)).toEqual({ application: row.token, expireTimeMs: null });
    expect(await grantOf(apiKey)).toEqual({ application: row.token, expireTimeMs: START_MS + GRACE_MS });
    vi.setSystemTime(START_MS + 1_000);
    await store.rotateKey(row.token, undefined);
    expect(await grantOf(apiKey)).toMatchObject({ expireTimeMs: START_MS + GRACE_MS });
    expect(await store.previousKeyExpireTimes([row.token])).toEqual(
      new Map([[row.token, START_MS + 1_000 + GRACE_MS]]),
    );
    vi.setSystemTime(START_MS + 1_000 + GRACE_MS);
    expect(await store.previousKeyExpireTimes([row.token])).toEqual(new Map());
  });

  test("under a shorter grace also shortens that of keys replaced before: a leaked one can be ended", async () => {
    const { row, apiKey } = await store.create(SHOP, undefined);
    await store.rotateKey(row.token, undefined);
    const strict = new ApplicationStore(scene.stores.database, { keyGraceMs: 0, requestTtlMs: DAY_MS });
    await strict.rotateKey(row.token, undefined);
    expect(await grantOf(apiKey)).toMatchObject({ expireTimeMs: START_MS });
    expect(await store.previousKeyExpireTimes([row.token])).toEqual(new Map());
  });

  test("happens once for a repeated request", async () => {
    const { row } = await store.create(SHOP, undefined);
    const request = newRequest();
    expect((await store.rotateKey(row.token, request))?.apiKey).toBeDefined();
    expect(await store.rotateKey(row.token, request)).toEqual({ row });
    expect(await scene.stores.database.apiKeys.count({ where: { application: row.token } })).toBe(2);
  });

  test("is not for what does not exist, or goes while it happens", async () => {
    expect(await store.rotateKey(createResourceId(), undefined)).toBeUndefined();
    const { row } = await store.create(SHOP, undefined);
    vi.spyOn(store, "find").mockResolvedValueOnce(row);
    await remove(row.token);
    expect(await store.rotateKey(row.token, newRequest())).toBeUndefined();
    expect(await scene.stores.database.apiKeys.count({ where: { application: row.token } })).toBe(0);
  });
});

describe("updating", () => {
  const always = () => true;

  test("changes the name, the revision and the time, which does not fall", async () => {
    const { row } = await store.create(SHOP, undefined);
    vi.setSystemTime(START_MS - 5);
    const changed = await store.update(row.token, () => ({ displayName: "Store" }), always);
    expect(changed).toEqual({ ...row, displayName: "Store", revision: 2, updateTime: START_MS });
    expect(await store.find(row.token)).toEqual(changed);
  });

  test("without a name changes nothing", async () => {
    const { row } = await store.create(SHOP, undefined);
    expect(await store.update(row.token, () => ({}), always)).toEqual(row);
  });

  test("changes its limits, and takes them away", async () => {
    const rateLimits = '{"callsPerMinute":7}';
    const { row } = await store.create({ ...SHOP, rateLimits }, undefined);
    expect(row.rateLimits).toBe(rateLimits);
    expect(await store.update(row.token, () => ({ rateLimits: null }), always)).toMatchObject({
      ...{ rateLimits: null, displayName: "Shop", revision: 2 },
    });
    expect((await store.find(row.token))?.rateLimits).toBeNull();
  });

  test("is refused where the etag is not the current one, also where that comes about meanwhile", async () => {
    const { row } = await store.create(SHOP, undefined);
    await expect(
      store.update(
        row.token,
        () => ({ displayName: "Store" }),
        () => false,
      ),
    ).rejects.toThrow(StaleEtagError);
    const ofFirstRevision = ({ revision }: { revision: number }) => revision === 1;
    const updates = await Promise.allSettled(
      ["a", "b"].map((name) => store.update(row.token, () => ({ displayName: name }), ofFirstRevision)),
    );
    expect(updates.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await store.find(row.token)).toMatchObject({ revision: 2 });
  });

  test("that comes together is applied one after the other", async () => {
    const { row } = await store.create(SHOP, undefined);
    await Promise.all(["a", "b", "c"].map((name) => store.update(row.token, () => ({ displayName: name }), always)));
    expect(await store.find(row.token)).toMatchObject({ revision: 4 });
  });

  test("is not for what is gone", async () => {
    const { row } = await store.create(SHOP, undefined);
    await remove(row.token);
    expect(await store.update(row.token, () => ({ displayName: "Store" }), always)).toBeUndefined();
    expect(await store.find(row.token)).toBeUndefined();
  });
});

test("a list has the newest first, page by page, and none that is gone", async () => {
  vi.setSystemTime(START_MS + 2 * DAY_MS);
  const tokens: string[] = [];
  for (const offset of [0, 0, 0, 1, 2]) {
    vi.setSystemTime(START_MS + 2 * DAY_MS + offset);
    tokens.push((await store.create(SHOP, undefined)).row.token);
  }
  await remove(tokens[3]!);
  const expected = [tokens[4], ...tokens.slice(0, 3).sort().reverse()];
  const listed: (string | undefined)[] = [];
  for (let after: { createTime: number; token: string } | undefined; listed.length < 4; ) {
    const page = await store.list(1, after);
    listed.push(...page.map(({ token }) => token));
    after = page[0];
  }
  expect(listed).toEqual(expected);
  expect(await store.previousKeyExpireTimes([])).toEqual(new Map());
});
