import { createContextValues, type HandlerContext } from "@connectrpc/connect";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Credentials } from "../../../services/account/credentials.ts";
import { createMailedMethods } from "../../../services/account/mailed-methods.ts";
import { PasswordHasher } from "../../../services/account/password-hasher.ts";
import { PasswordRules } from "../../../services/account/password-rules.ts";
import { Registrations } from "../../../services/account/registrations.ts";
import { createSessionMethods } from "../../../services/account/session-methods.ts";
import { ApplicationStore } from "../../../services/application/application-store.ts";
import type { LoginAttempt } from "../../../services/limits/login-attempts.ts";
import { AccountMails } from "../../../services/mail/account-mails.ts";
import { MailDispatch } from "../../../services/mail/mail-dispatch.ts";
import { MailTokens } from "../../../services/mail/mail-tokens.ts";
import type { Mail } from "../../../services/mail/mailer.ts";
import { newUserRow } from "../../../services/user/new-user.ts";
import { UserStore } from "../../../services/user/user-store.ts";
import { createApplication, openStores, type Stores } from "../stores.ts";

const DAY_MS = 86_400_000;
const KNOWN = "known@example.com";
const UNCONFIRMED = "unconfirmed@example.com";
const UNKNOWN = "unknown@example.com";
const ADDRESSES = [KNOWN, UNCONFIRMED, UNKNOWN];
const PASSWORD = "correct horse battery";

let stores: Stores;
let application: string;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  application = await createApplication(stores.database);
  for (const [user, email, activateTime] of [["known", KNOWN, 1] as const, ["late", UNCONFIRMED, null] as const]) {
    const row = newUserRow({ application, user }, { displayName: user, email, passwordHash: "hash" });
    await stores.database.users.create({ ...row, activateTime });
  }
});

const nobody = () => Promise.reject(new Error("nobody is let in"));
const context = { values: createContextValues(), signal: new AbortController().signal } as HandlerContext;

/** The methods, with what they do until they answer, in its order. */
function createScene(replaced?: Registrations) {
  const { database } = stores;
  const work: string[] = [];
  const sent: Mail[] = [];
  const note = <T>(what: string, value: T) => {
    work.push(what);
    return Promise.resolve(value);
  };
  const hasher = new PasswordHasher({ hash: () => note("hash", "hash"), verify: () => note("verify", false) });
  const mailer = { name: "a list", send: async (mail: Mail) => void sent.push(mail), close: () => undefined };
  const dispatch = new MailDispatch(mailer, pino({ level: "silent" }));
  onTestFinished(() => dispatch.stop(AbortSignal.timeout(1_000)));
  const attempts = {
    begin: ({ kind }: LoginAttempt) => note(`attempt: ${kind}`, { succeed: () => note("success", undefined) }),
    forgive: async () => undefined,
  };
  const store = new UserStore(database, { requestTtlMs: DAY_MS });
  const mailTokens = new MailTokens(database, { activateMs: DAY_MS, resetMs: DAY_MS });
  const tokens = { give: nobody, begin: nobody, refresh: nobody, end: nobody, deviceOf: nobody, endAll: nobody };
  const facts = { forget: async () => undefined };
  const credentials = new Credentials({ store, mailTokens, tokens, facts });
  const mails = new AccountMails({ activate: undefined, reset: undefined });
  const registrations = replaced ?? new Registrations({ store, mailTokens, mails });
  const applications = new ApplicationStore(database, { keyGraceMs: 0, requestTtlMs: DAY_MS });
  const common = { credentials, tokens, hasher, rules: new PasswordRules(), attempts };
  return {
    work,
    sent,
    dispatch,
    mailed: createMailedMethods({ ...common, applications, registrations, dispatch }),
    sessions: createSessionMethods({ ...common, store, firstSight: { ensureUser: nobody } }),
  };
}

/** The statements that the database executes meanwhile. */
async function statementsOf(call: () => Promise<unknown>): Promise<string[]> {
  // Sequelize's types do not tell of its options.
  const sequelize = stores.database.sequelize as unknown as { options: { logging: unknown } };
  const statements: string[] = [];
  sequelize.options.logging = (text: string) => void statements.push(text.replaceAll(/'[^']*'/g, "?"));
  try {
    await call();
  } finally {
    sequelize.options.logging = false;
  }
  return statements;
}

const request = (email: string) => ({ parent: `applications/${application}`, email, password: PASSWORD });

describe.each(ADDRESSES)("with %s", (email) => {
  test("a log-in that fails counts an attempt and verifies one password", async () => {
    const { work, sessions } = createScene();
    const logIn = () => sessions.logIn({ ...request(email), device: "" } as never, context);
    await expect(logIn()).rejects.toMatchObject({ rawMessage: expect.stringContaining("is wrong") });
    expect(work).toEqual(["attempt: login", "verify"]);
  });

  test("a registration counts an attempt and hashes one password before its answer", async () => {
    const { work, mailed } = createScene();
    await mailed.registerUser({ ...request(email), displayName: "" } as never, context);
    expect(work).toEqual(["attempt: mail", "hash"]);
  });

  test("a reset counts an attempt and hashes nothing", async () => {
    const { work, mailed } = createScene();
    await mailed.requestPasswordReset(request(email) as never, context);
    expect(work).toEqual(["attempt: mail"]);
  });
});

test("a log-in executes the same statements whether there is the user", async () => {
  const { sessions } = createScene();
  const all = [];
  for (const email of ADDRESSES) {
    const logIn = () => sessions.logIn({ ...request(email), device: "" } as never, context);
    all.push(await statementsOf(() => expect(logIn()).rejects.toThrow()));
  }
  expect(all[0]).toHaveLength(1);
  expect(all[1]).toEqual(all[0]);
  expect(all[2]).toEqual(all[0]);
});

test("a call that asks for a mail is answered though it cannot be found out whom to send it to", async () => {
  const registrations = { register: nobody, requestReset: nobody };
  const { mailed } = createScene(registrations as unknown as Registrations);
  await mailed.registerUser({ ...request(KNOWN), displayName: "" } as never, context);
  await mailed.requestPasswordReset(request(KNOWN) as never, context);
});

test("only who is there is sent a mail to reset a password", async () => {
  const { mailed, dispatch, sent } = createScene();
  for (const email of ADDRESSES) await mailed.requestPasswordReset(request(email) as never, context);
  await dispatch.stop(AbortSignal.timeout(10_000));
  expect(sent.map(({ to }) => to).sort()).toEqual([KNOWN, UNCONFIRMED]);
});
