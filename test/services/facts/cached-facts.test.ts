import { expect, test } from "vitest";
import { CachedFacts } from "../../../services/facts/cached-facts.ts";
import type { FactName } from "../../../services/facts/fact-name.ts";
import type { SharedFacts } from "../../../services/facts/shared-facts.ts";
import { CONTRACT_MAX } from "./cached-facts-contract.ts";
import { APPLICATION, FakeFactSource, userFacts } from "./fake-fact-source.ts";

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

const nameIn = async (facts: CachedFacts) => (await facts.user(APPLICATION, "u"))?.displayName;

test("what others looked up counts here for what is left of its time", async () => {
  const facts = open(TTL_MS - 20);
  expect(await nameIn(facts)).toBe("Ann");
  await expect.poll(() => facts.user(APPLICATION, "u") instanceof Promise, { interval: 5 }).toBe(true);
});

test("what others hold beyond its time does not count", async () => {
  expect(await nameIn(open(TTL_MS))).toBe("Bea");
});

test("a database that does not answer holds nobody up of whom something is known", async () => {
  const source = new FakeFactSource();
  source.set(USER, userFacts("Ann"));
  const ttlMs = { user: 5, application: 5, chat: 5, member: 5, message: 5 };
  const facts = new CachedFacts({ source, ttlMs, max: CONTRACT_MAX });
  expect(await nameIn(facts)).toBe("Ann");
  const release = source.hold();
  await expect.poll(() => facts.user(APPLICATION, "u") instanceof Promise, { interval: 5 }).toBe(true);
  expect(await nameIn(facts)).toBe("Ann");
  release();
});
