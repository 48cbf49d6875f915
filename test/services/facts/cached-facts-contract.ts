import { afterEach, beforeEach, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import type { CachedFacts } from "../../../services/facts/cached-facts.ts";
import type { FactChange } from "../../../services/facts/facts.ts";
import { APPLICATION, CHAT, FakeFactSource, memberFacts, userFacts } from "./fake-fact-source.ts";

/** Processes with caches over the same source. */
export type FactsScene = { processes: readonly CachedFacts[]; close(): Promise<void> };

const USER = { kind: "user", application: APPLICATION, user: "u" } as const;
const MEMBER = { kind: "member", chat: CHAT, user: "u" } as const;
const MESSAGE = { kind: "message", message: { ...CHAT, message: 7 } } as const;
const OTHER_CHAT = { ...CHAT, chat: 2 };
const GROUP = { kind: Chat_Kind.GROUP, creator: "u", slowModeMs: 0 };

/** What each cache of facts keeps to, in the process that changes them and in every other. */
export function describeCachedFacts(open: (source: FakeFactSource) => Promise<FactsScene>): void {
  let source: FakeFactSource;
  let scene: FactsScene;
  let first: CachedFacts;
  let last: CachedFacts;
  beforeEach(async () => {
    source = new FakeFactSource();
    scene = await open(source);
    first = scene.processes[0]!;
    last = scene.processes.at(-1)!;
  });
  afterEach(() => scene.close());

  const nameIn = async (facts: CachedFacts) => (await facts.user(APPLICATION, "u"))?.displayName;

  test("what was looked up once is there at once", async () => {
    source.set(USER, userFacts("Ann"));
    expect(await nameIn(first)).toBe("Ann");
    expect(first.user(APPLICATION, "u")).toEqual(userFacts("Ann"));
    expect(source.asked).toHaveLength(1);
    expect(first.report()).toMatchObject({ entries: 1, counts: { user: { hits: 1, misses: 1 } } });
  });

  test.each([
    ["user", USER],
    ["application", { kind: "application", application: APPLICATION }],
  ] as const)("a user that changed is new in every process once that was told of the %s", async (_, change) => {
    source.set(USER, userFacts("Ann"));
    expect([await nameIn(first), await nameIn(last)]).toEqual(["Ann", "Ann"]);
    source.set(USER, userFacts("Bea"));
    await first.forget([change]);
    expect(await nameIn(first)).toBe("Bea");
    await expect.poll(() => nameIn(last), { interval: 5 }).toBe("Bea");
  });

  test.each([
    ["member", MEMBER],
    ["chat", { kind: "chat", chat: CHAT }],
    ["application", { kind: "application", application: APPLICATION }],
  ] as const)("a member that changed is new in every process once that was told of the %s", async (_, change) => {
    source.set(MEMBER, memberFacts(1));
    const muted = async (facts: CachedFacts) => (await facts.member(CHAT, "u"))?.mutedUntilMs;
    expect([await muted(first), await muted(last)]).toEqual([1, 1]);
    source.set(MEMBER, memberFacts(2));
    await last.forget([change]);
    expect(await muted(last)).toBe(2);
    await expect.poll(() => muted(first), { interval: 5 }).toBe(2);
  });

  test("what did not change is held on", async () => {
    source.set({ kind: "chat", chat: CHAT }, GROUP);
    source.set({ ...MEMBER, chat: OTHER_CHAT }, memberFacts());
    source.set(MESSAGE, { author: "u", internal: false });
    await first.chat(CHAT);
    await first.member(OTHER_CHAT, "u");
    await first.message(MESSAGE.message);
    const others: FactChange[] = [USER, MEMBER, { ...MEMBER, chat: OTHER_CHAT, user: "v" }];
    await first.forget(others);
    expect(first.chat(CHAT)).toEqual(GROUP);
    expect(first.member(OTHER_CHAT, "u")).toEqual(memberFacts());
    expect(first.message(MESSAGE.message)).toEqual({ author: "u", internal: false });
  });

  test("a user who does not exist is remembered as that, until it is created", async () => {
    expect(await first.user(APPLICATION, "u")).toBeUndefined();
    expect(first.user(APPLICATION, "u")).toBeUndefined();
    expect(source.asked).toHaveLength(1);
    source.set(USER, userFacts("Ann"));
    await first.forget([USER]);
    expect(await nameIn(first)).toBe("Ann");
  });

  test("a chat, a member or a message that does not exist is looked for each time", async () => {
    expect(await first.member(CHAT, "u")).toBeUndefined();
    source.set(MEMBER, memberFacts());
    expect(await first.member(CHAT, "u")).toEqual(memberFacts());
  });

  test("who asks together shares one look-up", async () => {
    source.set(USER, userFacts("Ann"));
    const release = source.hold();
    const asking = Promise.all([nameIn(first), nameIn(first), nameIn(first)]);
    await expect.poll(() => source.asked.length, { interval: 5 }).toBe(1);
    release();
    expect(await asking).toEqual(["Ann", "Ann", "Ann"]);
    expect(source.asked).toHaveLength(1);
  });

  test("who asks while something is not found that was created since finds it", async () => {
    const release = source.hold();
    const before = first.member(CHAT, "u");
    await expect.poll(() => source.asked.length, { interval: 5 }).toBe(1);
    source.set(MEMBER, memberFacts());
    const after = first.member(CHAT, "u");
    release();
    expect(await before).toBeUndefined();
    expect(await after).toEqual(memberFacts());
  });

  test("a look-up that was overtaken by a change does not bring the old back, in any process", async () => {
    source.set(USER, userFacts("old"));
    const release = source.hold();
    const overtaken = nameIn(first);
    await expect.poll(() => source.asked.length, { interval: 5 }).toBe(1);
    source.set(USER, userFacts("new"));
    await last.forget([USER]);
    release();
    await overtaken;
    await expect.poll(() => nameIn(first), { interval: 5 }).toBe("new");
    expect(await nameIn(last)).toBe("new");
  });

  test("holds no more than it may, and forgets what was not asked for longest", async () => {
    for (let user = 0; user < 30; user++) await first.user(APPLICATION, `u${user}`);
    const { entries, counts } = first.report();
    expect([entries, counts.user.evictions]).toEqual([10, 20]);
    expect(first.user(APPLICATION, "u29")).toBeUndefined();
    expect(first.user(APPLICATION, "u0")).toBeInstanceOf(Promise);
    for (let user = 0; user < 30; user++) {
      source.set({ ...MEMBER, user: `u${user}` }, memberFacts());
      await first.member(CHAT, `u${user}`);
    }
    expect(first.report().entries).toBeLessThanOrEqual(20);
    expect(first.report().counts.member.evictions).toBeGreaterThan(20);
  });

  test("where the source is away, what was known is believed beyond its time, and what was not is an error", async () => {
    source.set({ kind: "chat", chat: CHAT }, GROUP);
    await first.chat(CHAT);
    source.isAway = true;
    await expect.poll(() => first.chat(CHAT) instanceof Promise, { interval: 5 }).toBe(true);
    expect(await first.chat(CHAT)).toEqual(GROUP);
    await expect(first.user(APPLICATION, "u")).rejects.toThrow("away");
  });
}

/** Times of the contract, in milliseconds: a chat's is short. */
export const CONTRACT_TTL_MS = { user: 60_000, application: 60_000, chat: 300, member: 60_000, message: 60_000 };
/** How much a process of the contract holds. */
export const CONTRACT_MAX = 10;
