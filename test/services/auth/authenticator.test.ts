import { beforeEach, describe, expect, test, vi } from "vitest";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { createApiKey } from "../../../services/auth/api-key.ts";
import { Authenticator, type KeyGrant } from "../../../services/auth/authenticator.ts";
import { credentialInvalid } from "../../../services/auth/credential-errors.ts";
import type { UserPrincipal } from "../../../services/auth/principal.ts";
import { hashSecret } from "../../../services/auth/secret-hash.ts";
import { failureOf } from "../../failure.ts";

const ADMIN_KEY = "the-key-of-the-administrator";
const USER: UserPrincipal = {
  ...{ kind: "user", application: "a", user: "alice", displayName: "Alice", role: User_Role.USER, bot: false },
  session: undefined,
};

let keys: Map<string, KeyGrant>;
let lookUps: number;
let authenticator: Authenticator;
const store = {
  findKey: async (hash: string) => {
    lookUps++;
    return keys.get(hash);
  },
};
/** Knows one user, by the token `a.user.token`. */
const tokens = {
  recall: (header: string) => (knownTokens.has(header) ? USER : undefined),
  authenticate: async (header: string, token: string) => {
    if (token !== "a.user.token") throw credentialInvalid();
    knownTokens.add(header);
    return USER;
  },
};
const knownTokens = new Set<string>();
const createAuthenticator = (maxAgeMs = Number.POSITIVE_INFINITY) =>
  new Authenticator({ adminKey: ADMIN_KEY, keys: store, tokens, maxAgeMs });
beforeEach(() => {
  knownTokens.clear();
  keys = new Map();
  lookUps = 0;
  authenticator = createAuthenticator();
});

function addKey(application: string, expireTimeMs: number | null = null): string {
  const key = createApiKey();
  keys.set(hashSecret(key), { application, expireTimeMs });
  return key;
}

const authenticateHeader = async (header: string | null) => authenticator.authenticate(header);
const authenticate = (key: string) => authenticateHeader(`Bearer ${key}`);

describe("the authenticator", () => {
  test("knows the administrator without a look-up", async () => {
    expect(await authenticate(ADMIN_KEY)).toEqual({ kind: "admin" });
    expect(await authenticator.authenticate(`bearer   ${ADMIN_KEY} `)).toEqual({ kind: "admin" });
    expect(lookUps).toBe(0);
  });

  test("knows an application by its key, looked up once", async () => {
    const key = addKey("a");
    expect(await authenticate(key)).toEqual({ kind: "application", application: "a" });
    expect(await authenticate(key)).toEqual({ kind: "application", application: "a" });
    expect(lookUps).toBe(1);
  });

  test.each([null])("asks for a credential where there is none", async (header) => {
    expect(await failureOf(authenticateHeader(header))).toMatchObject({
      code: "Unauthenticated",
      reason: "CREDENTIAL_MISSING",
      message: expect.stringContaining("Authorization: Bearer"),
    });
  });

  test.each([
    "",
    "Bearer",
    "Bearer ",
    "Basic eDp5",
    `Bearer ${ADMIN_KEY} x`,
    `Bearer ${ADMIN_KEY}x`,
    `x Bearer ${ADMIN_KEY}`,
    "Bearer ключ",
  ])("does not know %j", async (header) => {
    const failure = await failureOf(authenticateHeader(header));
    expect(failure).toMatchObject({ code: "Unauthenticated", reason: "CREDENTIAL_INVALID" });
    expect(failure.message).not.toContain(ADMIN_KEY);
  });

  test("lets a replaced key in until its time is over, also where it is remembered", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
    try {
      const key = addKey("a", 2_000);
      expect(await authenticate(key)).toMatchObject({ application: "a" });
      vi.setSystemTime(2_000);
      expect(await failureOf(authenticate(key))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("leaves a token of a user to who knows tokens, at once where it came before", async () => {
    expect(await authenticate("a.user.token")).toBe(USER);
    expect(authenticator.authenticate("Bearer a.user.token")).toBe(USER);
    expect(await failureOf(authenticate("another.user.token"))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
    expect(lookUps).toBe(0);
  });

  test("takes an administrator's key with dots for what it is", async () => {
    const adminKey = "the.key.of-the-administrator";
    authenticator = new Authenticator({ adminKey, keys: store, tokens, maxAgeMs: Number.POSITIVE_INFINITY });
    expect(await authenticate(adminKey)).toEqual({ kind: "admin" });
  });

  test("does not remember keys that it does not know", async () => {
    const key = createApiKey();
    await failureOf(authenticate(key));
    keys.set(hashSecret(key), { application: "a", expireTimeMs: null });
    expect(await authenticate(key)).toMatchObject({ application: "a" });
  });

  test("looks an application's keys up again once it was told to forget them, and no others", async () => {
    const [key, other] = [addKey("a"), addKey("b")];
    await authenticate(key);
    await authenticate(other);
    keys.clear();
    authenticator.forget("a");
    expect(await failureOf(authenticate(key))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
    expect(await authenticate(other)).toMatchObject({ application: "b" });
  });

  test("does not remember what it looked up before it was told to forget", async () => {
    const key = addKey("a");
    const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
    vi.spyOn(store, "findKey").mockImplementationOnce(async (hash) => {
      const grant = keys.get(hash);
      await slow;
      return grant;
    });
    const first = authenticate(key);
    keys.clear();
    authenticator.forget("a");
    answer();
    await first;
    expect(await failureOf(authenticate(key))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
  });

  test("remembers a bounded number of keys", async () => {
    const first = addKey("a");
    await authenticate(first);
    for (let other = 0; other < 10_000; other++) await authenticate(addKey("b"));
    expect(lookUps).toBe(10_001);
    await authenticate(first);
    expect(lookUps).toBe(10_002);
  });
});

describe("a header is recalled", () => {
  /** What is answered at once. */
  const recall = (key: string) => {
    const answer = authenticator.authenticate(`Bearer ${key}`);
    if (!(answer instanceof Promise)) return answer;
    answer.catch(() => undefined);
    return undefined;
  };

  test("once its key was found in force, and not before", async () => {
    const key = addKey("a");
    expect([recall(key), recall(ADMIN_KEY)]).toEqual([undefined, undefined]);
    await authenticate(key);
    await authenticate(ADMIN_KEY);
    expect([recall(key), recall(ADMIN_KEY)]).toEqual([{ kind: "application", application: "a" }, { kind: "admin" }]);
    await failureOf(authenticate("unknown"));
    expect(recall("unknown")).toBeUndefined();
    expect(recall(key.slice(0, -1))).toBeUndefined();
  });

  test("not after its application's keys were forgotten", async () => {
    const [key, other] = [addKey("a"), addKey("b")];
    await authenticate(key);
    await authenticate(other);
    authenticator.forget("a");
    expect([recall(key), recall(other)]).toEqual([undefined, { kind: "application", application: "b" }]);
  });

  test("not after its key has expired, or has been believed for long", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
    try {
      authenticator = createAuthenticator(500);
      const [key, expiring] = [addKey("a"), addKey("b", 1_200)];
      await authenticate(key);
      await authenticate(expiring);
      vi.setSystemTime(1_200);
      expect([recall(key), recall(expiring)]).toEqual([{ kind: "application", application: "a" }, undefined]);
      vi.setSystemTime(1_500);
      expect(recall(key)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test("of a bounded number, the oldest being forgotten first", async () => {
    const first = addKey("a");
    await authenticate(first);
    const others = Array.from({ length: 1_000 }, () => addKey("b"));
    for (const other of others) await authenticate(other);
    expect([recall(first), recall(others[0]!)]).toEqual([undefined, { kind: "application", application: "b" }]);
  });
});

describe("the authenticator of a process among others", () => {
  const MAX_AGE_MS = 1_000;
  let now: number;
  beforeEach(() => {
    now = 1_000;
    vi.spyOn(Date, "now").mockImplementation(() => now);
    authenticator = createAuthenticator(MAX_AGE_MS);
    return () => vi.restoreAllMocks();
  });

  test("looks a key up again when it has been believed for long", async () => {
    const key = addKey("a");
    await authenticate(key);
    keys.clear();
    now += MAX_AGE_MS - 1;
    expect(await authenticate(key)).toMatchObject({ application: "a" });
    now += 1;
    expect(await failureOf(authenticate(key))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
  });

  test("looks it up once for all calls that come meanwhile", async () => {
    const key = addKey("a");
    await Promise.all([1, 2, 3].map(() => authenticate(key)));
    expect(lookUps).toBe(1);
  });

  test.each<[how: string, findKey: () => Promise<never>]>([
    ["fails", () => Promise.reject(new Error("away"))],
    ["does not answer", () => new Promise(() => undefined)],
  ])("believes a known key for another while where the store %s", async (_how, findKey) => {
    const key = addKey("a");
    await authenticate(key);
    now += MAX_AGE_MS;
    const asked = vi.spyOn(store, "findKey").mockImplementation(findKey);
    expect(await authenticate(key)).toMatchObject({ application: "a" });
    expect(await authenticate(key)).toMatchObject({ application: "a" });
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test("tells of a store that fails where the key is not known", async () => {
    vi.spyOn(store, "findKey").mockRejectedValue(new Error("away"));
    await expect(authenticate(addKey("a"))).rejects.toThrow("away");
  });
});
