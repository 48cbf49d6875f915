import { create } from "@bufbuild/protobuf";
import { type Empty, EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type {
  ChangePasswordRequest,
  CreateUserTokensRequest,
  LogInRequest,
  LogOutEverywhereRequest,
  LogOutRequest,
  RefreshTokensRequest,
  Tokens,
} from "../../gen/parley/v1/auth_pb.ts";
import type { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { checkNewUserId, formatUserName, parseApplicationName, parseUserName } from "../aip/resource-name.ts";
import { principalOf } from "../auth/principal.ts";
import { clientAddressOf } from "../limits/client-address.ts";
import type { LoginAttempt, LoginAttempts } from "../limits/login-attempts.ts";
import { notFound } from "../rpc/errors.ts";
import type { UserSessions } from "../session/user-sessions.ts";
import type { FirstSight } from "../token/first-sight.ts";
import { normalizeEmail } from "../user/email-address.ts";
import { userIdTaken } from "../user/user-errors.ts";
import type { UserStore } from "../user/user-store.ts";
import { accessTtlOf } from "./access-ttl.ts";
import { loginFailed, notCurrentPassword } from "./account-errors.ts";
import type { Credentials } from "./credentials.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { checkIsNoAddress, type PasswordRules } from "./password-rules.ts";
import { tokensAnswer } from "./tokens-answer.ts";

/** What the methods work with. */
export type SessionMethodsOptions = {
  store: UserStore;
  credentials: Credentials;
  tokens: Pick<UserSessions, keyof UserSessions>;
  firstSight: FirstSight;
  hasher: PasswordHasher;
  rules: PasswordRules;
  attempts: LoginAttempts;
};

type SessionMethods = Pick<
  ServiceImpl<typeof AuthService>,
  "logIn" | "refreshTokens" | "logOut" | "logOutEverywhere" | "changePassword" | "createUserTokens"
>;

/** The methods of AuthService that begin, go on with and end what a user is logged in by. */
export function createSessionMethods(options: SessionMethodsOptions): SessionMethods {
  return {
    logIn: (request, context) => logIn(options, request, context),
    refreshTokens: (request) => refreshTokens(options, request),
    logOut: (request) => logOut(options, request),
    logOutEverywhere: (request) => logOutEverywhere(options, request),
    changePassword: (request, context) => changePassword(options, request, context),
    createUserTokens: (request) => createUserTokens(options, request),
  };
}

async function logIn(
  { store, tokens, hasher, attempts }: SessionMethodsOptions,
  { parent, email, password, device }: LogInRequest,
  context: HandlerContext,
): Promise<Tokens> {
  const { application } = parseApplicationName(parent, "parent");
  const account = normalizeEmail(email, "email");
  const attempt = await attempts.begin(attemptOf(application, account, context));
  const row = await store.findByEmail(application, account);
  const isRight = await hasher.verify(application, row?.passwordHash, password, context.signal);
  if (!row || !isRight || row.activateTime === null) throw loginFailed();
  await attempt.succeed();
  const user = { application, user: row.id };
  const given = await tokens.begin(user, { device });
  // A change of the password meanwhile ended the sessions that there were, so not this one.
  const isCurrent = (await store.find(user))?.passwordHash === row.passwordHash;
  if (isCurrent) return tokensAnswer(given, row);
  await tokens.end(application, given.refresh!.token);
  throw loginFailed();
}

async function refreshTokens(
  { store, tokens }: SessionMethodsOptions,
  { parent, refreshToken }: RefreshTokensRequest,
): Promise<Tokens> {
  const { application } = parseApplicationName(parent, "parent");
  const { user, tokens: given } = await tokens.refresh(application, refreshToken);
  const row = await store.find(user);
  if (!row) throw notFound(formatUserName(user));
  return tokensAnswer(given, row);
}

async function logOut({ tokens }: SessionMethodsOptions, { parent, refreshToken }: LogOutRequest): Promise<Empty> {
  await tokens.end(parseApplicationName(parent, "parent").application, refreshToken);
  return create(EmptySchema);
}

async function logOutEverywhere(
  { store, tokens }: SessionMethodsOptions,
  { name }: LogOutEverywhereRequest,
): Promise<Empty> {
  const user = parseUserName(name, "name");
  if (!(await store.find(user))) throw notFound(name);
  await tokens.endAll(user);
  return create(EmptySchema);
}

async function changePassword(
  { store, credentials, tokens, hasher, rules, attempts }: SessionMethodsOptions,
  { name, currentPassword, newPassword }: ChangePasswordRequest,
  context: HandlerContext,
): Promise<Tokens> {
  const user = parseUserName(name, "name");
  await rules.check(newPassword, "new_password");
  const attempt = await attempts.begin(attemptOf(user.application, user.user, context));
  const known = await store.find(user);
  const isRight = await hasher.verify(user.application, known?.passwordHash, currentPassword, context.signal);
  if (!isRight) throw notCurrentPassword();
  await attempt.succeed();
  checkIsNoAddress(newPassword, "new_password", known!.email);
  const device = await deviceOf(tokens, user.application, context);
  const passwordHash = await hasher.hash(user.application, newPassword, context.signal);
  const row = await credentials.change(user, known!.passwordHash!, passwordHash);
  if (!row) throw notCurrentPassword();
  return tokensAnswer(await tokens.begin(user, { device }), row);
}

async function createUserTokens(
  { store, tokens, firstSight }: SessionMethodsOptions,
  { name, createUser, displayName, accessTokenTtl, refreshable, device }: CreateUserTokensRequest,
): Promise<Tokens> {
  const user = parseUserName(name, "name");
  const accessTtlMs = accessTtlOf(accessTokenTtl);
  const known = await store.find(user);
  if (!known && createUser) {
    checkNewUserId(user.user, "name");
    await firstSight.ensureUser(user, displayName);
  }
  const row = known ?? (await store.find(user));
  const isDeleted = !row && createUser && (await store.hasApplication(user.application));
  if (isDeleted) throw userIdTaken(name);
  if (!row) throw notFound(name);
  const given = refreshable ? tokens.begin(user, { device, accessTtlMs }) : tokens.give(user, accessTtlMs);
  return tokensAnswer(await given, row);
}

function attemptOf(application: string, account: string, { values }: HandlerContext): LoginAttempt {
  return { kind: "login", application, account, address: clientAddressOf(values) };
}

/** The device of the session that calls; empty where none does. */
async function deviceOf(
  tokens: Pick<UserSessions, "deviceOf">,
  application: string,
  { values }: HandlerContext,
): Promise<string> {
  const principal = principalOf(values);
  const session = principal.kind === "user" ? principal.session : undefined;
  return session === undefined ? "" : tokens.deviceOf(application, session);
}
