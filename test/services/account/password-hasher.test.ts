import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { PasswordHasher } from "../../../services/account/password-hasher.ts";
import { failureOf } from "../../failure.ts";

const APPLICATION = "a";

/** Counts what is asked of Argon2, and answers when it is told to. */
function slowArgon2() {
  const waiting: (() => void)[] = [];
  const asked: string[] = [];
  const answer = <T>(name: string, value: T) => {
    asked.push(name);
    return new Promise<T>((resolve) => waiting.push(() => resolve(value)));
  };
  return {
    asked,
    waiting,
    argon2: { hash: () => answer("hash", "h"), verify: () => answer("verify", true) },
  };
}

/** Answers until all are settled; never is more than one asked for at a time. */
async function answerOneByOne(waiting: (() => void)[], all: Promise<unknown>[]): Promise<void> {
  let isSettled = false;
  const settled = Promise.all(all).finally(() => {
    isSettled = true;
  });
  while (!isSettled) {
    expect(waiting.length).toBeLessThan(2);
    waiting.pop()?.();
    await setImmediate();
  }
  await settled;
}

describe("passwords", () => {
  const hasher = new PasswordHasher();

  test("are found right by their hash, and no other is", async () => {
    const hash = await hasher.hash(APPLICATION, "correct horse battery");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(APPLICATION, hash, "correct horse battery")).toBe(true);
    expect(await hasher.verify(APPLICATION, hash, "correct horse batterY")).toBe(false);
  });

  test("are the same however they are typed", async () => {
    const hash = await hasher.hash(APPLICATION, "caf\u00e9 crème ok");
    expect(await hasher.verify(APPLICATION, hash, "cafe\u0301 crème ok")).toBe(true);
  });

  test("have another hash each time", async () => {
    const hashes = await Promise.all([1, 2].map(() => hasher.hash(APPLICATION, "correct horse battery")));
    expect(new Set(hashes).size).toBe(2);
  });

  test("are never right without a hash", async () => {
    expect(await hasher.verify(APPLICATION, undefined, "correct horse battery")).toBe(false);
    expect(await hasher.verify(APPLICATION, null, "correct horse battery")).toBe(false);
  });
});

test("without a hash Argon2 is asked as often as with one, at the same cost, and even its yes is a no", async () => {
  const costs: (string | undefined)[] = [];
  const verify = async (hash: string) => {
    costs.push(/\$m=.*?\$/.exec(hash)?.[0]);
    return true;
  };
  const hasher = new PasswordHasher({ hash: async () => "", verify });
  expect(await hasher.verify(APPLICATION, undefined, "any")).toBe(false);
  expect(await hasher.verify(APPLICATION, "$argon2id$v=19$m=19456,t=2,p=1$a$b", "any")).toBe(true);
  expect(costs).toEqual(Array(2).fill("$m=19456,t=2,p=1$"));
});

test("one password is hashed at a time, and applications take turns", async () => {
  const { argon2, asked, waiting } = slowArgon2();
  const hasher = new PasswordHasher(argon2);
  const done: string[] = [];
  const all = ["a", "a", "a", "b"].map((application) =>
    hasher.hash(application, "password").then(() => done.push(application)),
  );
  await answerOneByOne(waiting, all);
  expect(asked).toHaveLength(4);
  expect(done.indexOf("b")).toBeLessThan(3);
});

test("where too many of an application wait, the next is refused, but not another application's", async () => {
  const { argon2, waiting } = slowArgon2();
  const hasher = new PasswordHasher(argon2);
  const all = Array.from({ length: 65 }, () => hasher.hash("a", "password"));
  expect(await failureOf(hasher.verify("a", undefined, "password"))).toMatchObject({
    code: "ResourceExhausted",
    reason: "TOO_MANY_PENDING",
  });
  all.push(hasher.hash("b", "password"));
  await answerOneByOne(waiting, all);
});

test("a password whose caller is gone before its turn is not hashed", async () => {
  const { argon2, asked, waiting } = slowArgon2();
  const hasher = new PasswordHasher(argon2);
  const first = hasher.hash("a", "password");
  const gone = new AbortController();
  const second = hasher.hash("a", "password", gone.signal);
  gone.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  waiting.pop()!();
  await first;
  expect(asked).toEqual(["hash"]);
});
