import { expect, onTestFinished, test, vi } from "vitest";
import { CachedFacts } from "../../../services/facts/cached-facts.ts";
import type { FactName } from "../../../services/facts/fact-name.ts";
import type { RecordedChange } from "../../../services/facts/recorded-changes.ts";
import type { SharedFacts } from "../../../services/facts/shared-facts.ts";
import { CONTRACT_MAX } from "./cached-facts-contract.ts";
import { APPLICATION, CHAT, FakeFactSource, memberFacts, userFacts } from "./fake-fact-source.ts";

const TTL_MS = 60_000;
const USER = { kind: "user", application: APPLICATION, user: "u" } as const;

/** A process where others hold Ann for so long, and the database has Bea. */
function open(ageMs: number) {
  const source = new FakeFactSource();
  source.set(USER, userFacts("Bea"));
  const held = { value: userFacts("Ann"), ageMs };
  const shared = {
    find: async () => ({ held, stamp: undefined }),
    keep: async () => undefined,
    forget: async () => undefined,
    isCurrent: () => true,
    listen: () => undefined,
  } as unknown as SharedFacts;
  const ttlMs = { user: TTL_MS, application: TTL_MS, chat: TTL_MS, member: TTL_MS, message: TTL_MS };
  return new CachedFacts({
    source,
    shared,
    ttlMs: ttlMs satisfies Record<FactName["kind"], number>,
    max: CONTRACT_MAX,
  });
}

/** A process that reads what was written down, and shares an empty cache. */
function openRecorded() {
  const source = new FakeFactSource();
  const shared = {
    find: async () => ({ held: undefined, stamp: undefined }),
    keep: vi.fn(async () => undefined),
    forget: vi.fn(async () => undefined),
    empty: vi.fn(async () => undefined),
    isCurrent: () => true,
    listen: () => undefined,
  } satisfies SharedFacts;
  const start = vi.fn((_forget: (changes: readonly RecordedChange[]) => void) => undefined);
  const ttlMs = { user: TTL_MS, application: TTL_MS, chat: TTL_MS, member: TTL_MS, message: TTL_MS };
  const facts = new CachedFacts({ source, shared, recorded: { start, isCurrent: () => true }, ttlMs, max: 9 });
  return { source, facts, shared, record: start.mock.calls[0]![0] };
}

const nameIn = async (facts: CachedFacts) => (await facts.user(APPLICATION, "u"))?.displayName;

test("what others looked up counts here for what is left of its time", async () => {
  const facts = open(TTL_MS - 20);
  expect(await nameIn(facts)).toBe("Ann");
  await expect.poll(() => facts.user(APPLICATION, "u") instanceof Promise, { interval: 5 }).toBe(true);
});

test("what was written down is forgotten here and in what is shared", async () => {
  const { source, facts, shared, record } = openRecorded();
  source.set(USER, userFacts("Ann"));
  expect(await nameIn(facts)).toBe("Ann");
  source.set(USER, userFacts("Bea"));
  const change = { id: "1", change: USER };
  record([change]);
  expect(shared.empty).toHaveBeenCalledExactlyOnceWith([change]);
  expect(await nameIn(facts)).toBe("Bea");
  expect(shared.forget).not.toHaveBeenCalled();
});

test("what others hold beyond its time does not count", async () => {
  expect(await nameIn(open(TTL_MS))).toBe("Bea");
});

/** A process where time stands still but for the test. */
function openTimed() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const source = new FakeFactSource();
  const ttlMs = { user: TTL_MS, application: TTL_MS, chat: TTL_MS, member: TTL_MS, message: TTL_MS };
  return { source, facts: new CachedFacts({ source, ttlMs, max: CONTRACT_MAX }) };
}

/** A process that held Ann, whose time is over, and a database that does not answer. */
async function openExpired() {
  const { source, facts } = openTimed();
  source.set(USER, userFacts("Ann"));
  expect(await nameIn(facts)).toBe("Ann");
  await vi.advanceTimersByTimeAsync(TTL_MS);
  return { source, facts, release: source.hold() };
}

/** What is known after a quarter of a second. */
async function nameInTime(facts: CachedFacts): Promise<string | undefined> {
  const name = nameIn(facts);
  await vi.advanceTimersByTimeAsync(250);
  return name;
}

test("a database that does not answer in time is asked once, holds nobody up, and its late answer is held", async () => {
  const { source, facts, release } = await openExpired();
  source.set(USER, userFacts("Bea"));
  for (let second = 0; second < 3; second++) {
    expect(await nameInTime(facts)).toBe("Ann");
    expect(facts.user(APPLICATION, "u")).toEqual(userFacts("Ann"));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(source.asked).toHaveLength(2);
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(facts.user(APPLICATION, "u")).toEqual(userFacts("Bea"));
  await vi.advanceTimersByTimeAsync(TTL_MS - 1);
  expect(facts.user(APPLICATION, "u")).toEqual(userFacts("Bea"));
});

test("a late answer that was overtaken by a change is not held, nor is what was known before believed", async () => {
  const { source, facts, release } = await openExpired();
  expect(await nameInTime(facts)).toBe("Ann");
  source.set(USER, userFacts("Bea"));
  await facts.forget([USER]);
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(await nameIn(facts)).toBe("Bea");
});

test("a late answer that fails is nobody's", async () => {
  const { source, facts, release } = await openExpired();
  expect(await nameInTime(facts)).toBe("Ann");
  source.isAway = true;
  release();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await nameIn(facts)).toBe("Ann");
});

test("of what a late answer does not find, nothing is believed", async () => {
  const member = { kind: "member", chat: CHAT, user: "u" } as const;
  const { source, facts } = openTimed();
  source.set(member, memberFacts());
  expect(await facts.member(CHAT, "u")).toEqual(memberFacts());
  await vi.advanceTimersByTimeAsync(TTL_MS);
  source.set(member, undefined);
  const release = source.hold();
  const believed = facts.member(CHAT, "u");
  await vi.advanceTimersByTimeAsync(250);
  expect(await believed).toEqual(memberFacts());
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(await facts.member(CHAT, "u")).toBeUndefined();
});
