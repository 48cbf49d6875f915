import { expect, test } from "vitest";
import type { LoginAttempt } from "../../../services/limits/login-attempts.ts";
import { LoginLimits } from "../../../services/limits/login-limits.ts";
import { MemoryRateLimits } from "../../../services/limits/memory-rate-limits.ts";

function open(options: Partial<ConstructorParameters<typeof LoginLimits>[0]> = {}) {
  return new LoginLimits({
    limits: new MemoryRateLimits(),
    ofAccount: 2,
    ofAddress: 4,
    whenAway: "closed",
    ...options,
  });
}

const attempt = (given: Partial<LoginAttempt> = {}): LoginAttempt => ({
  ...{ kind: "login", application: "a", account: "ada@example.com", address: "192.0.2.1" },
  ...given,
});

const outcome = (limits: LoginLimits, given?: Partial<LoginAttempt>) =>
  limits.begin(attempt(given)).then(
    () => "counted",
    (error) => error.details[0].value.metadata.limit,
  );

test("an account is tried so often, from wherever", async () => {
  const limits = open();
  expect(await outcome(limits)).toBe("counted");
  expect(await outcome(limits, { address: "192.0.2.2" })).toBe("counted");
  expect(await outcome(limits, { address: "192.0.2.3" })).toBe("login-account");
  expect(await outcome(limits, { account: "bob@example.com" })).toBe("counted");
  expect(await outcome(limits, { application: "b" })).toBe("counted");
});

test("an address tries so often, whatever accounts", async () => {
  const limits = open();
  for (const account of ["1", "2", "3", "4"]) expect(await outcome(limits, { account })).toBe("counted");
  expect(await outcome(limits, { account: "5" })).toBe("login-address");
  expect(await outcome(limits, { account: "5", address: "192.0.2.2" })).toBe("counted");
});

test("who has tried too often from an address uses up no attempt of an account", async () => {
  const limits = open({ ofAddress: 1 });
  await outcome(limits, { account: "other" });
  for (let tries = 1; tries <= 5; tries++) expect(await outcome(limits)).toBe("login-address");
  expect(await outcome(limits, { address: "192.0.2.2" })).toBe("counted");
});

test("an attempt that succeeds does not count", async () => {
  const limits = open();
  for (let tries = 1; tries <= 10; tries++) await (await limits.begin(attempt())).succeed();
});

test("an account whose attempts are forgiven is tried anew, and no other is", async () => {
  const limits = open({ ofAddress: 0 });
  const other = { account: "bob@example.com" };
  for (let tries = 1; tries <= 3; tries++) await outcome(limits).then(() => outcome(limits, other));
  await limits.forgive({ application: "a", account: "ada@example.com" });
  expect(await outcome(limits)).toBe("counted");
  expect(await outcome(limits, other)).toBe("login-account");
});

test("who has tried an account too often uses up no attempt of an address", async () => {
  const limits = open({ ofAccount: 1, ofAddress: 2 });
  await outcome(limits);
  for (let tries = 1; tries <= 5; tries++) expect(await outcome(limits)).toBe("login-account");
  expect(await outcome(limits, { account: "other" })).toBe("counted");
});

test("mails are counted by themselves", async () => {
  const limits = open();
  for (let tries = 1; tries <= 2; tries++) await outcome(limits);
  expect(await outcome(limits, { kind: "mail" })).toBe("counted");
  expect(await outcome(limits, { kind: "mail" })).toBe("counted");
  expect(await outcome(limits, { kind: "mail" })).toBe("mail-account");
});

test("0 is no limit, and who comes from nowhere is limited by account alone", async () => {
  const unlimited = open({ ofAccount: 0, ofAddress: 0 });
  for (let tries = 1; tries <= 50; tries++) expect(await outcome(unlimited)).toBe("counted");
  const limits = open({ ofAddress: 1 });
  const address = undefined;
  expect([await outcome(limits, { address }), await outcome(limits, { address })]).toEqual(["counted", "counted"]);
  expect(await outcome(limits, { address })).toBe("login-account");
});
