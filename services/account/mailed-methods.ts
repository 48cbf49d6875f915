import { create } from "@bufbuild/protobuf";
import { type Empty, EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type {
  ActivateUserRequest,
  RegisterUserRequest,
  RequestPasswordResetRequest,
  ResetPasswordRequest,
  Tokens,
} from "../../gen/parley/v1/auth_pb.ts";
import type { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { parseApplicationName } from "../aip/resource-name.ts";
import type { ApplicationStore } from "../application/application-store.ts";
import { clientAddressOf } from "../limits/client-address.ts";
import type { LoginAttempts } from "../limits/login-attempts.ts";
import type { MailSubject } from "../mail/account-mails.ts";
import type { MailDispatch } from "../mail/mail-dispatch.ts";
import { notFound } from "../rpc/errors.ts";
import type { UserSessions } from "../session/user-sessions.ts";
import { normalizeEmail } from "../user/email-address.ts";
import { mailTokenInvalid, notRegisteredPassword, registrationClosed } from "./account-errors.ts";
import type { Credentials } from "./credentials.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { checkIsNoAddress, type PasswordRules } from "./password-rules.ts";
import type { Registrations } from "./registrations.ts";
import { tokensAnswer } from "./tokens-answer.ts";

/** What the methods work with. */
export type MailedMethodsOptions = {
  applications: ApplicationStore;
  registrations: Registrations;
  credentials: Credentials;
  tokens: Pick<UserSessions, "begin">;
  hasher: PasswordHasher;
  rules: PasswordRules;
  dispatch: MailDispatch;
  attempts: LoginAttempts;
};

type MailedMethods = Pick<
  ServiceImpl<typeof AuthService>,
  "registerUser" | "activateUser" | "requestPasswordReset" | "resetPassword"
>;

/** Whom a mail is to, and whether nobody registers in its application. */
type Subject = { about: MailSubject; isClosed: boolean };

/**
 * The methods of AuthService that have something mailed, or take a mailed token. Whether an address is known is looked up
 * after the answer, so that neither the answer nor its time tells.
 */
export function createMailedMethods(options: MailedMethodsOptions): MailedMethods {
  return {
    registerUser: (request, context) => registerUser(options, request, context),
    activateUser: (request, context) => activateUser(options, request, context),
    requestPasswordReset: (request, context) => requestPasswordReset(options, request, context),
    resetPassword: (request, context) => resetPassword(options, request, context),
  };
}

async function registerUser(
  options: MailedMethodsOptions,
  { parent, email, password, displayName }: RegisterUserRequest,
  context: HandlerContext,
): Promise<Empty> {
  const { registrations, hasher, rules, dispatch } = options;
  await rules.check(password, "password");
  const to = normalizeEmail(email, "email");
  checkIsNoAddress(password, "password", to);
  const { about, isClosed } = await subjectOf(options, parent, to, context);
  if (isClosed) throw registrationClosed();
  const passwordHash = await hasher.hash(about.application, password, context.signal);
  dispatch.enqueue({ application: about.application, mail: "registration" }, () =>
    registrations.register({ about, passwordHash, displayName }),
  );
  return create(EmptySchema);
}

async function activateUser(
  { credentials, tokens, hasher, attempts }: MailedMethodsOptions,
  { parent, token, password, device }: ActivateUserRequest,
  { values, signal }: HandlerContext,
): Promise<Tokens> {
  const { application } = parseApplicationName(parent, "parent");
  const address = clientAddressOf(values);
  const attempt = await attempts.begin({ kind: "login", application, account: token, address });
  const registered = await credentials.findRegistered(application, token);
  if (!registered) throw mailTokenInvalid();
  const isRight = await hasher.verify(application, registered.passwordHash, password, signal);
  if (!isRight) throw notRegisteredPassword();
  await attempt.succeed();
  const row = await credentials.activate(registered, token);
  if (!row) throw mailTokenInvalid();
  return tokensAnswer(await tokens.begin({ application, user: row.id }, { device }), row);
}

async function requestPasswordReset(
  options: MailedMethodsOptions,
  { parent, email }: RequestPasswordResetRequest,
  context: HandlerContext,
): Promise<Empty> {
  const { registrations, dispatch } = options;
  const { about } = await subjectOf(options, parent, normalizeEmail(email, "email"), context);
  dispatch.enqueue({ application: about.application, mail: "password_reset" }, () => registrations.requestReset(about));
  return create(EmptySchema);
}

async function resetPassword(
  { credentials, hasher, rules, attempts }: MailedMethodsOptions,
  { parent, token, newPassword }: ResetPasswordRequest,
  { signal }: HandlerContext,
): Promise<Empty> {
  const { application } = parseApplicationName(parent, "parent");
  await rules.check(newPassword, "new_password");
  const known = await credentials.findReset(application, token);
  if (!known) throw mailTokenInvalid();
  checkIsNoAddress(newPassword, "new_password", known.email);
  const passwordHash = await hasher.hash(application, newPassword, signal);
  const row = await credentials.reset(application, token, passwordHash);
  if (!row) throw mailTokenInvalid();
  // Somebody else may have locked it by guessing; its owner reads its mail.
  for (const account of [row.email ?? row.id, row.id]) await attempts.forgive({ application, account });
  return create(EmptySchema);
}

/** Counts that something is mailed to an address, in the form that is stored. NOT_FOUND where there is no application. */
async function subjectOf(
  { applications, attempts }: MailedMethodsOptions,
  parent: string,
  to: string,
  { values }: HandlerContext,
): Promise<Subject> {
  const { application } = parseApplicationName(parent, "parent");
  await attempts.begin({ kind: "mail", application, account: to, address: clientAddressOf(values) });
  const row = await applications.find(application);
  if (!row) throw notFound(parent);
  return { about: { to, application, applicationName: row.displayName }, isClosed: row.registrationClosed === 1 };
}
