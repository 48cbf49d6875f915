import fc from "fast-check";
import { expect, test } from "vitest";
import { CachedFacts } from "../../../services/facts/cached-facts.ts";
import type { FactName } from "../../../services/facts/fact-name.ts";
import { APPLICATION, CHAT, FakeFactSource, memberFacts, userFacts } from "./fake-fact-source.ts";

const USERS = ["u", "v"] as const;

type Subject = { about: "user" | "member"; user: (typeof USERS)[number] };

type Step = ({ kind: "ask" } & Subject) | ({ kind: "change" } & Subject) | { kind: "hold" } | { kind: "release" };

const subject = { about: fc.constantFrom("user" as const, "member" as const), user: fc.constantFrom(...USERS) };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("ask" as const), ...subject }) },
  fc.record({ kind: fc.constant("change" as const), ...subject }),
  fc.record({ kind: fc.constantFrom("hold" as const, "release" as const) }),
);

/** A cache whose source has a version of each fact; it begins with none. */
class Run {
  readonly #source = new FakeFactSource();
  readonly #facts: CachedFacts;
  readonly #versions = new Map<string, number>();
  readonly #answers: Promise<void>[] = [];
  #release = () => {};

  constructor(ttlMs: number) {
    const ttls = { user: ttlMs, application: ttlMs, chat: ttlMs, member: ttlMs, message: ttlMs };
    this.#facts = new CachedFacts({ source: this.#source, ttlMs: ttls, max: 10 });
  }

  async take(next: Step): Promise<void> {
    if (next.kind === "hold") this.#hold();
    else if (next.kind === "release") this.#release();
    else if (next.kind === "change") await this.#change(next.about, next.user);
    else this.#answers.push(this.#ask(next.about, next.user));
  }

  async end(): Promise<void> {
    this.#release();
    await Promise.all(this.#answers);
    for (const user of USERS) await Promise.all([this.#ask("user", user), this.#ask("member", user)]);
  }

  #hold(): void {
    this.#release();
    this.#release = this.#source.hold();
  }

  async #change(about: "user" | "member", user: string): Promise<void> {
    const version = this.#versionOf(about, user) + 1;
    this.#versions.set(about + user, version);
    const name: FactName & { kind: "user" | "member" } =
      about === "user" ? { kind: about, application: APPLICATION, user } : { kind: about, chat: CHAT, user };
    this.#source.set(name, about === "user" ? userFacts(String(version)) : memberFacts(version));
    await this.#facts.forget([name]);
  }

  /** Whoever asks gets nothing older than what was true when it asked. */
  async #ask(about: "user" | "member", user: string): Promise<void> {
    const least = this.#versionOf(about, user);
    const found =
      about === "user"
        ? Number((await this.#facts.user(APPLICATION, user))?.displayName ?? 0)
        : ((await this.#facts.member(CHAT, user))?.mutedUntilMs ?? 0);
    expect(found).toBeGreaterThanOrEqual(least);
  }

  #versionOf(about: string, user: string): number {
    return this.#versions.get(about + user) ?? 0;
  }
}

test("nobody gets a fact that is older than its question, however look-ups and changes cross", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(0, 60_000), async (steps, ttlMs) => {
      const run = new Run(ttlMs);
      for (const next of steps) await run.take(next);
      await run.end();
    }),
    { numRuns: 500 },
  );
});
