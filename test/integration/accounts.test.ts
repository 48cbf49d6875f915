import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Tokens } from "../../gen/parley/v1/auth_pb.ts";
import { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { failureOf, failuresOf } from "../failure.ts";
import { type Mailbox, openMailbox } from "../mailbox.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { type Services, servicesOf, type Tenant } from "../tenant.ts";

const PASSWORD = "correct horse battery";
const OTHER = "a wholly new password";
const LOGIN_FAILED = { code: "Unauthenticated", reason: "LOGIN_FAILED" };
const TOKEN_INVALID = { code: "InvalidArgument", reason: "MAIL_TOKEN_INVALID" };
const PASSWORD_OTHER = { code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["password"] };
const CREDENTIAL_INVALID = { code: "Unauthenticated", reason: "CREDENTIAL_INVALID" };

let session: ParleySession;
let mailbox: Mailbox;
let tenant: Tenant;
let parent: string;
let email: string;
let people = 0;
beforeAll(async () => {
  mailbox = await openMailbox();
  session = await openParleySession(mailbox.settings);
});
afterAll(async () => {
  await session.close();
  await mailbox.close();
});
beforeEach(async () => {
  tenant = await session.createTenant();
  parent = tenant.name;
  email = `ann${++people}@example.com`;
});

/** Somebody without a credential. */
const nobody = () => createClient(AuthService, session.transports.grpc);
const as = ({ accessToken }: Tokens): Services => servicesOf(session.transports.grpc, accessToken);
const register = (password = PASSWORD) => nobody().registerUser({ parent, email, password, displayName: "Ann" });
const activate = (token: string, password = PASSWORD) =>
  nobody().activateUser({ parent, token, password, device: "phone" });
const logIn = (password = PASSWORD) => nobody().logIn({ parent, email, password });
const refresh = ({ refreshToken }: Tokens) => nobody().refreshTokens({ parent, refreshToken });
const requestReset = () => nobody().requestPasswordReset({ parent, email });
const reset = (token: string, newPassword = OTHER) => nobody().resetPassword({ parent, token, newPassword });
const readSelf = (tokens: Tokens) => as(tokens).users.getUser({ name: tokens.user!.name });

/** Somebody who registered and confirmed the address. */
async function joined(): Promise<Tokens> {
  await register();
  return activate(await mailbox.takeToken(email));
}

async function expectOver(tokens: Tokens): Promise<void> {
  const failures = await failuresOf([readSelf(tokens), refresh(tokens)]);
  expect(failures).toMatchObject([CREDENTIAL_INVALID, CREDENTIAL_INVALID]);
}

describe("registering", () => {
  test("mails a token, with which the address is confirmed and the user logged in, once", async () => {
    await register();
    const token = await mailbox.takeToken(email);
    const tokens = await activate(token);
    expect(tokens.user).toMatchObject({ email, displayName: "Ann", role: User_Role.USER });
    expect(tokens.user!.activateTime).toBeDefined();
    expect(await readSelf(tokens)).toEqual(tokens.user);
    expect(await readSelf(await refresh(tokens))).toEqual(tokens.user);
    expect(await failureOf(activate(token))).toMatchObject(TOKEN_INVALID);
  });

  test("lets one of many in who bring the token at once", async () => {
    await register();
    const token = await mailbox.takeToken(email);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => activate(token)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test.each(["before", "after"])(
    "%s somebody else did with the same address lets that one in by no mail",
    async (when) => {
      const eve = "the password of eve";
      await register(when === "before" ? PASSWORD : eve);
      const first = await mailbox.takeToken(email);
      await register(when === "before" ? eve : PASSWORD);
      const second = await mailbox.takeToken(email);
      const [own, eves] = when === "before" ? [first, second] : [second, first];
      expect(await failureOf(activate(eves))).toMatchObject(PASSWORD_OTHER);
      expect((await activate(own)).user!.email).toBe(email);
      expect(await failureOf(activate(eves, eve))).toMatchObject(TOKEN_INVALID);
      expect(await failureOf(logIn(eve))).toMatchObject(LOGIN_FAILED);
      expect((await logIn()).user!.email).toBe(email);
    },
  );

  test("is confirmed by the password that was given then alone, and a wrong one uses no token up", async () => {
    await register();
    const token = await mailbox.takeToken(email);
    expect(await failureOf(activate(token, OTHER))).toMatchObject(PASSWORD_OTHER);
    expect((await tenant.users.listUsers({ parent })).users).toEqual([]);
    await activate(token);
  });

  test("is confirmed by no guessing", async () => {
    await register();
    const token = await mailbox.takeToken(email);
    const guesses = await failuresOf(Array.from({ length: 11 }, () => activate(token, OTHER)));
    expect(guesses.map(({ reason }) => reason)).toContain("RATE_LIMITED");
    expect(await failureOf(activate(token))).toMatchObject({ reason: "RATE_LIMITED" });
  });

  test("does not keep the backend from making a user with the address, who is the only one then", async () => {
    await register();
    const token = await mailbox.takeToken(email);
    const made = await tenant.users.createUser({ parent, user: { email } });
    expect(await failureOf(activate(token))).toMatchObject(TOKEN_INVALID);
    expect((await tenant.users.listUsers({ parent })).users).toEqual([made]);
  });

  test("with the address of somebody who is there answers the same, changes nothing, and tells that one", async () => {
    const tokens = await joined();
    await register(OTHER);
    const token = await mailbox.takeToken(email);
    expect(await failureOf(activate(token))).toMatchObject(TOKEN_INVALID);
    expect(await failureOf(logIn(OTHER))).toMatchObject(LOGIN_FAILED);
    expect(await readSelf(tokens)).toEqual(tokens.user);
    await reset(token);
    expect((await logIn(OTHER)).user!.name).toBe(tokens.user!.name);
  });

  test("with the address of a user whom the backend made gives no password", async () => {
    const made = await tenant.users.createUser({ parent, user: { email, role: User_Role.ADMIN } });
    await register();
    const token = await mailbox.takeToken(email);
    expect(await failureOf(activate(token))).toMatchObject(TOKEN_INVALID);
    expect(await tenant.users.getUser({ name: made.name })).toEqual(made);
    await reset(token);
    expect((await logIn(OTHER)).user!.role).toBe(User_Role.ADMIN);
  });

  test("is refused for a weak password, for what is no address, and where there is no application", async () => {
    const elsewhere = `applications/${"0".repeat(26)}`;
    const failures = await failuresOf([
      register("short"),
      register("password123"),
      nobody().registerUser({ parent, email: "a<b@example.com", password: PASSWORD }),
      nobody().registerUser({ parent: elsewhere, email, password: PASSWORD }),
      nobody().requestPasswordReset({ parent: elsewhere, email }),
    ]);
    const reasons = failures.map(({ reason }) => reason);
    expect(reasons.slice(0, 3)).toEqual(["PASSWORD_WEAK", "PASSWORD_WEAK", "FIELD_INVALID"]);
    expect(reasons.slice(3)).toEqual(["RESOURCE_NOT_FOUND", "RESOURCE_NOT_FOUND"]);
  });

  test("is refused with the address for a password, and so is setting one anew", async () => {
    email = `ann.of.somewhere${people}@example.com`;
    const [localPart] = email.split("@") as [string];
    const weak = (field: string) => ({
      ...{ code: "InvalidArgument", reason: "PASSWORD_WEAK", fields: [field] },
      message: `${field}: is the e-mail address, or what is before its @; choose another`,
    });
    expect(await failureOf(register(email.toUpperCase()))).toMatchObject(weak("password"));
    const { user, ...tokens } = await joined();
    const change = (newPassword: string) =>
      as(tokens as Tokens).auth.changePassword({ name: user!.name, currentPassword: PASSWORD, newPassword });
    await requestReset();
    const token = await mailbox.takeToken(email);
    for (const password of [email, localPart]) {
      expect(await failureOf(change(password))).toMatchObject(weak("new_password"));
      expect(await failureOf(reset(token, password))).toMatchObject(weak("new_password"));
    }
    await reset(token);
  });

  test("is refused where the backend closed it, to whoever asks; those before may still confirm", async () => {
    await register();
    const token = await mailbox.takeToken(email);
    const close = (registrationClosed: boolean, paths: string[]) =>
      tenant.applications.updateApplication({
        application: { name: parent, registrationClosed },
        updateMask: { paths },
      });
    expect((await close(true, [])).registrationClosed).toBe(true);
    const closed = { code: "PermissionDenied", reason: "REGISTRATION_CLOSED", metadata: {} };
    expect(await failureOf(register())).toMatchObject(closed);
    const tokens = await activate(token);
    expect(await failureOf(register())).toMatchObject(closed);
    await requestReset();
    await reset(await mailbox.takeToken(email));
    expect((await logIn(OTHER)).user!.name).toBe(tokens.user!.name);
    expect((await close(false, ["registration_closed"])).registrationClosed).toBe(false);
    await register();
  });

  test("is closed from the start where the application is created so", async () => {
    const application = { displayName: "Closed", registrationClosed: true };
    const created = await session.admin.applications.createApplication({ application });
    expect(created.registrationClosed).toBe(true);
    parent = created.name;
    expect(await failureOf(register())).toMatchObject({ reason: "REGISTRATION_CLOSED" });
  });

  test("in two applications makes two users", async () => {
    const first = await joined();
    parent = (await session.createTenant()).name;
    const second = await joined();
    expect(second.user!.name).not.toBe(first.user!.name);
    await register();
    const token = await mailbox.takeToken(email);
    const foreign = nobody().resetPassword({ parent: tenant.name, token, newPassword: OTHER });
    expect(await failureOf(foreign)).toMatchObject(TOKEN_INVALID);
  });
});

describe("logging in", () => {
  test("works with the address in whatever case", async () => {
    const { user } = await joined();
    const tokens = await nobody().logIn({ parent, email: email.toUpperCase(), password: PASSWORD, device: "desk" });
    expect(tokens.user).toEqual(user);
    expect(await readSelf(tokens)).toEqual(user);
  });

  test("fails alike for a wrong password, an unknown address, and one that was not confirmed", async () => {
    await joined();
    const wrong = await failureOf(logIn(OTHER));
    expect(wrong).toMatchObject(LOGIN_FAILED);
    email = "nobody@example.com";
    expect(await failureOf(logIn())).toEqual(wrong);
    email = `late${people}@example.com`;
    await register();
    await mailbox.takeToken(email);
    expect(await failureOf(logIn())).toEqual(wrong);
    parent = (await session.createTenant()).name;
    expect(await failureOf(logIn())).toEqual(wrong);
  });

  test("out ends the session of that device alone", async () => {
    await joined();
    const [desk, phone] = [await logIn(), await logIn()];
    for (let times = 0; times < 2; times++) await nobody().logOut({ parent, refreshToken: desk.refreshToken });
    await expectOver(desk);
    expect(await readSelf(phone)).toEqual(phone.user);
  });

  test.each(["the user", "the backend"])("out everywhere by %s ends all sessions", async (who) => {
    const first = await joined();
    const second = await logIn();
    const { auth } = who === "the user" ? as(first) : tenant;
    await auth.logOutEverywhere({ name: first.user!.name });
    await expectOver(first);
    await expectOver(second);
    expect(await readSelf(await logIn())).toEqual(first.user);
  });
});

describe("a password reset", () => {
  test("sets the password once, and ends all sessions", async () => {
    const tokens = await joined();
    await requestReset();
    const token = await mailbox.takeToken(email);
    await reset(token);
    await expectOver(tokens);
    expect(await failureOf(logIn())).toMatchObject(LOGIN_FAILED);
    expect((await logIn(OTHER)).user!.name).toBe(tokens.user!.name);
    expect(await failureOf(reset(token))).toMatchObject(TOKEN_INVALID);
  });

  test("opens an account again that somebody locked by guessing", async () => {
    const { user } = await joined();
    const guesses = await failuresOf(Array.from({ length: 11 }, () => logIn("a guess at it")));
    expect(guesses.map(({ reason }) => reason)).toContain("RATE_LIMITED");
    expect(await failureOf(logIn())).toMatchObject({
      reason: "RATE_LIMITED",
      message: expect.stringMatching(/; repeat the call in \d+ s, or set a new password by RequestPasswordReset$/),
    });
    await requestReset();
    await reset(await mailbox.takeToken(email));
    expect((await logIn(OTHER)).user!.name).toBe(user!.name);
  });

  test("with one of several tokens ends the others", async () => {
    await joined();
    await requestReset();
    const first = await mailbox.takeToken(email);
    await requestReset();
    await reset(await mailbox.takeToken(email));
    expect(await failureOf(reset(first))).toMatchObject(TOKEN_INVALID);
  });

  test("confirms the address", async () => {
    const { name, activateTime } = await tenant.users.createUser({ parent, user: { email } });
    expect(activateTime).toBeUndefined();
    await requestReset();
    await reset(await mailbox.takeToken(email));
    const { user } = await logIn(OTHER);
    expect(user!.name).toBe(name);
    expect(user!.activateTime).toBeDefined();
  });

  test("that sets a weak password uses no token up", async () => {
    await joined();
    await requestReset();
    const token = await mailbox.takeToken(email);
    expect(await failureOf(reset(token, "short"))).toMatchObject({ reason: "PASSWORD_WEAK" });
    await reset(token);
  });

  test("for an address that nobody has is answered alike", async () => {
    email = "nobody@example.com";
    expect(await requestReset()).toBeDefined();
    expect(await failureOf(reset("x".repeat(43)))).toMatchObject(TOKEN_INVALID);
  });

  test("mailed before the address was changed does not work", async () => {
    const { user } = await joined();
    await requestReset();
    const token = await mailbox.takeToken(email);
    email = `new-${email}`;
    const changed = await tenant.users.updateUser({ user: { name: user!.name, email } });
    expect(changed.email).toBe(email);
    expect(changed.activateTime).toBeUndefined();
    expect(await failureOf(reset(token))).toMatchObject(TOKEN_INVALID);
    expect(await failureOf(logIn())).toMatchObject(LOGIN_FAILED);
    await requestReset();
    await reset(await mailbox.takeToken(email));
    expect((await logIn(OTHER)).user!.name).toBe(user!.name);
  });
});

describe("changing a password", () => {
  const change = (tokens: Tokens, currentPassword: string, newPassword = OTHER) =>
    as(tokens).auth.changePassword({ name: tokens.user!.name, currentPassword, newPassword });

  test("ends the sessions before, and gives new tokens", async () => {
    const [first, second] = [await joined(), await logIn()];
    const tokens = await change(second, PASSWORD);
    await expectOver(first);
    await expectOver(second);
    expect((await readSelf(tokens)).name).toBe(first.user!.name);
    expect(await failureOf(logIn())).toMatchObject(LOGIN_FAILED);
    await logIn(OTHER);
  });

  test("needs the current one, and a new one that is not weak", async () => {
    const tokens = await joined();
    expect(await failureOf(change(tokens, OTHER))).toMatchObject({
      ...{ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["current_password"] },
      message: "current_password: is not the user's password",
    });
    expect(await failureOf(change(tokens, PASSWORD, "short"))).toMatchObject({ reason: "PASSWORD_WEAK" });
    expect(await readSelf(tokens)).toEqual(tokens.user);
  });

  test("of many at once happens once", async () => {
    const tokens = await joined();
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => change(tokens, PASSWORD)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("is nobody else's to do", async () => {
    const { user } = await joined();
    const request = { name: user!.name, currentPassword: PASSWORD, newPassword: OTHER };
    expect(await failureOf(tenant.auth.changePassword(request))).toMatchObject({ code: "PermissionDenied" });
  });
});

describe("tokens that the backend makes", () => {
  const nameOf = (user: string) => `${parent}/users/${user}`;

  test("are for a user who is there, or who is made", async () => {
    const request = { name: nameOf("ann") };
    expect(await failureOf(tenant.auth.createUserTokens(request))).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
    const made = await tenant.auth.createUserTokens({ ...request, createUser: true, displayName: "Ann" });
    expect(await readSelf(made)).toMatchObject({ name: request.name, displayName: "Ann" });
    expect(made.refreshToken).toBe("");
    const again = await tenant.auth.createUserTokens({ ...request, createUser: true, displayName: "Other" });
    expect(again.user).toEqual(made.user);
  });

  test("can be refreshed where that was asked for", async () => {
    const tokens = await tenant.auth.createUserTokens({ name: nameOf("ann"), createUser: true, refreshable: true });
    expect(await readSelf(await refresh(tokens))).toEqual(tokens.user);
  });

  test("work for as long as was asked for", async () => {
    const asked = (seconds: bigint, nanos = 0) =>
      tenant.auth.createUserTokens({ name: nameOf("ann"), createUser: true, accessTokenTtl: { seconds, nanos } });
    const { accessTokenExpireTime } = await asked(2n);
    expect(Number(accessTokenExpireTime!.seconds) - Date.now() / 1_000).toBeLessThan(3);
    const failures = await failuresOf([asked(0n, 999_999_999), asked(900n, 1), asked(-5n)]);
    expect(failures.map(({ fields }) => fields)).toEqual(Array(3).fill(["access_token_ttl"]));
  });

  test("are not made for a user who was deleted", async () => {
    const tokens = await tenant.auth.createUserTokens({ name: nameOf("ann"), createUser: true });
    await tenant.users.deleteUser({ name: nameOf("ann") });
    expect(await failureOf(readSelf(tokens))).toMatchObject(CREDENTIAL_INVALID);
    const [again, anew] = await failuresOf([
      tenant.auth.createUserTokens({ name: nameOf("ann") }),
      tenant.auth.createUserTokens({ name: nameOf("ann"), createUser: true }),
    ]);
    expect(again).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND" });
    const taken = { code: "AlreadyExists", reason: "USER_ID_TAKEN", metadata: { resource: nameOf("ann") } };
    expect(anew).toMatchObject(taken);
  });

  test("are not made where there is no application", async () => {
    const name = `applications/${"0".repeat(26)}/users/ann`;
    const made = session.admin.auth.createUserTokens({ name, createUser: true });
    expect(await failureOf(made)).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND" });
  });
});
