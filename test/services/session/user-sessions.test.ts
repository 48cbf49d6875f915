import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { Op } from "sequelize";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { UserName } from "../../../services/aip/resource-name.ts";
import { removeRows } from "../../../services/database/remove-rows.ts";
import { ENDED_SESSION_MS } from "../../../services/session/ended-sessions.ts";
import { SESSIONS_MAX } from "../../../services/session/session-store.ts";
import { failureOf } from "../../failure.ts";
import { createApplication } from "../stores.ts";
import { type TokenProcess, TokenScene } from "../token/token-scene.ts";

const START_MS = Date.UTC(2026, 0, 2);
const DAY_MS = 86_400_000;
const RETRY_MS = 10_000;

let scene: TokenScene;
let parley: TokenProcess;
/** Another process on the same database. */
let other: TokenProcess;
let user: UserName;
beforeAll(async () => {
  scene = await TokenScene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  [parley, other] = [await scene.startProcess(), await scene.startProcess()];
  user = await scene.createUser();
});
afterEach(() => void vi.useRealTimers());

const begin = async (device = "") => (await parley.userTokens.begin(user, { device })).refresh!;
const refresh = async (token: string, by = parley) =>
  (await by.userTokens.refresh(scene.application, token)).tokens.refresh!.token;
const refusal = async (token: string, by = parley) => {
  const failure = await failureOf(refresh(token, by));
  expect(failure.code).toBe("Unauthenticated");
  return failure.reason;
};
const rows = () => scene.stores.database.sessions.findAll({ where: { ...user }, raw: true });

describe("a session", () => {
  test("begins with a refresh token, of which the hash alone is stored", async () => {
    const { token, expireTimeMs } = await begin("Alice's phone");
    expect(expireTimeMs).toBe(START_MS + 30 * DAY_MS);
    const [row] = await rows();
    expect(row).toMatchObject({ device: "Alice's phone", generation: 0, expireTime: expireTimeMs, revokeTime: null });
    expect(JSON.stringify(row)).not.toContain(token);
  });

  test("goes on with every refresh, in any process, for as long again", async () => {
    let { token } = await begin();
    for (let day = 1; day <= 3; day++) {
      vi.setSystemTime(START_MS + day * 20 * DAY_MS);
      const next = await (day % 2 ? parley : other).userTokens.refresh(scene.application, token);
      expect(next.user).toEqual(user);
      expect(next.tokens.refresh!.expireTimeMs).toBe(Date.now() + 30 * DAY_MS);
      await parley.authenticate(next.tokens.access.token);
      token = next.tokens.refresh!.token;
    }
  });

  test("has the same id in its access tokens throughout", async () => {
    const first = await parley.userTokens.begin(user);
    const { tokens: next } = await parley.userTokens.refresh(scene.application, first.refresh!.token);
    expect(decodeJwt(next.access.token).sid).toBe(decodeJwt(first.access.token).sid);
  });

  test("is over when it was not refreshed for long", async () => {
    const { token } = await begin();
    vi.setSystemTime(START_MS + 30 * DAY_MS);
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
  });

  test("is over when it was ended, for all of its tokens, and ending it again is no error", async () => {
    const { token } = await begin();
    const next = await refresh(token);
    await parley.userTokens.end(scene.application, token);
    await parley.userTokens.end(scene.application, next);
    expect([await refusal(token), await refusal(next)]).toEqual(["CREDENTIAL_INVALID", "CREDENTIAL_INVALID"]);
  });

  test("that ended is kept for as long as others are told of it", async () => {
    const { access, refresh: token } = await parley.userTokens.begin(user);
    await parley.userTokens.end(scene.application, token!.token);
    vi.setSystemTime(START_MS + ENDED_SESSION_MS - 1);
    await removeRows(scene.stores.database.sessions, { expireTime: { [Op.lte]: Date.now() } });
    const facts = await other.facts.user(user.application, user.user);
    expect(facts!.endedSessions).toEqual([decodeJwt(access.token).sid]);
  });

  test("is over also where so many ended that not all are told of: access tokens of others are, too, and are refreshed", async () => {
    const [first, last, open] = [
      await parley.userTokens.begin(user),
      await parley.userTokens.begin(user),
      await parley.userTokens.begin(user),
    ];
    await parley.userTokens.end(scene.application, first.refresh!.token);
    const { database } = scene.stores;
    const [row] = await rows();
    const ended = { ...row!, revokeTime: START_MS + 1, expireTime: START_MS + DAY_MS };
    await database.sessions.bulkCreate(Array.from({ length: 200 }, () => ({ ...ended, id: randomUUID() })));
    vi.setSystemTime(START_MS + 1_000);
    await parley.userTokens.end(scene.application, last.refresh!.token);
    for (const { access } of [first, last, open]) {
      expect((await failureOf(parley.authenticate(access.token))).reason).toBe("CREDENTIAL_INVALID");
    }
    const { tokens } = await parley.userTokens.refresh(scene.application, open.refresh!.token);
    await parley.authenticate(tokens.access.token);
  });

  test("is over when all of its user were ended, and others go on", async () => {
    const { token } = await begin();
    const somebody = await scene.createUser();
    const { refresh: theirs } = await parley.userTokens.begin(somebody);
    await parley.userTokens.endAll(user);
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
    await refresh(theirs!.token);
  });

  test("is over with tokens of no session, also where a clock that is behind ends all once more", async () => {
    vi.setSystemTime(START_MS + 4_000);
    const { access } = await parley.userTokens.give(user);
    vi.setSystemTime(START_MS + 5_000);
    await parley.userTokens.endAll(user);
    vi.setSystemTime(START_MS + 1_000);
    await other.userTokens.endAll(user);
    vi.setSystemTime(START_MS + 5_000);
    expect((await failureOf(other.authenticate(access.token))).reason).toBe("CREDENTIAL_INVALID");
  });

  test("is ended with another change, or not at all", async () => {
    const { token } = await begin();
    const change = scene.stores.database.sequelize.transaction(async (transaction) => {
      await parley.userTokens.endAll(user, transaction);
      throw new Error("the change failed");
    });
    await expect(change).rejects.toThrow("the change failed");
    await refresh(token);
  });

  test("is over when its user is deleted", async () => {
    const { token } = await begin();
    const where = { application: user.application, id: user.user };
    await scene.stores.database.users.update({ deleteTime: START_MS }, { where });
    await parley.facts.forget([{ kind: "user", ...user }]);
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
  });

  test("that was not refreshed for longest makes room where a user has very many", async () => {
    const tokens: string[] = [];
    for (let index = 0; index <= SESSIONS_MAX; index++) {
      vi.setSystemTime(START_MS + index);
      tokens.push((await begin()).token);
    }
    expect(await rows()).toHaveLength(SESSIONS_MAX);
    expect(await refusal(tokens[0]!)).toBe("CREDENTIAL_INVALID");
    await refresh(tokens[1]!);
  });
});

test("a user has no more sessions than it may where many begin at once, in several processes", async () => {
  await begin();
  const [row] = await rows();
  const { database } = scene.stores;
  await database.sessions.bulkCreate(Array.from({ length: SESSIONS_MAX - 1 }, () => ({ ...row!, id: randomUUID() })));
  vi.setSystemTime(START_MS + 1_000);
  const begun = await Promise.all(
    Array.from({ length: 40 }, (_, n) => (n % 2 ? parley : other).userTokens.begin(user)),
  );
  expect(await rows()).toHaveLength(SESSIONS_MAX);
  for (const { refresh: given } of begun) await refresh(given!.token);
});

describe("a refresh token", () => {
  test("gives the same next one again for a while, for a caller who lost the answer", async () => {
    const { token } = await begin();
    const next = await refresh(token);
    vi.setSystemTime(START_MS + RETRY_MS);
    expect([await refresh(token), await refresh(token, other)]).toEqual([next, next]);
    expect(await refresh(next)).not.toBe(next);
  });

  test("gives one next token where it is sent several times at once", async () => {
    const { token } = await begin();
    const given = await Promise.all([parley, other, parley, other].map((by) => refresh(token, by)));
    expect(new Set(given).size).toBe(1);
    const [row] = await rows();
    expect(row).toMatchObject({ generation: 1, revokeTime: null });
  });

  test("that is used after its time ends the session, with its access tokens", async () => {
    const { access, refresh: first } = await parley.userTokens.begin(user);
    await parley.authenticate(access.token);
    const next = await refresh(first!.token);
    vi.setSystemTime(START_MS + RETRY_MS + 1);
    expect(await refusal(first!.token)).toBe("CREDENTIAL_INVALID");
    expect(await refusal(next)).toBe("CREDENTIAL_INVALID");
    expect(await failureOf(parley.authenticate(access.token))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
  });

  test("before the last one ends the session at once", async () => {
    const { token } = await begin();
    const next = await refresh(await refresh(token));
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
    expect(await refusal(next)).toBe("CREDENTIAL_INVALID");
  });

  test("that was used ends no other session of its user", async () => {
    const [first, second] = [await begin(), await begin()];
    await refresh(await refresh(first.token));
    await refusal(first.token);
    await refresh(second.token);
  });

  test("of another application is not taken, and nothing happens to its session", async () => {
    const { token } = await begin();
    const foreign = await createApplication(scene.stores.database);
    expect(await failureOf(parley.userTokens.refresh(foreign, token))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
    await parley.userTokens.end(foreign, token);
    await refresh(token);
  });

  test.each<[what: string, garble: (token: string) => string]>([
    ["empty", () => ""],
    ["a word", () => "refresh"],
    ["with another end", (token) => `${token.slice(0, -2)}${token.endsWith("A") ? "B" : "A"}`],
    ["that is longer", (token) => `${token}AAAA`],
    ["with padding", (token) => `${token}=`],
    ["of another generation", (token) => `${token.slice(0, 22)}AAAB${token.slice(26)}`],
    ["of another session", (token) => `AAAA${token.slice(4)}`],
  ])("that is made up is refused, and ends nothing: %s", async (_what, garble) => {
    const { token } = await begin();
    expect(garble(token)).not.toBe(token);
    expect(await refusal(garble(token))).toBe("CREDENTIAL_INVALID");
    await parley.userTokens.end(scene.application, garble(token));
    await refresh(token);
  });

  test("made with another secret is refused, and ends nothing", async () => {
    const { token } = await begin();
    const stranger = await scene.startProcess({}, "another-secret-of-tokens-0123456789");
    expect(await refusal(token, stranger)).toBe("CREDENTIAL_INVALID");
    await refresh(token);
  });

  test("is not an access token's, whose session is over with it", async () => {
    const { access } = await parley.userTokens.begin(user);
    expect(await refusal(access.token)).toBe("CREDENTIAL_INVALID");
  });

  test("is needed to go on: tokens that are given without a session have none", async () => {
    const { refresh: none, access } = await parley.userTokens.give(user, 1_000);
    expect(none).toBeUndefined();
    expect(access.expireTimeMs).toBe(START_MS + 1_000);
    expect(decodeJwt(access.token).sid).toBeUndefined();
  });
});
