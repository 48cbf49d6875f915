import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { parseApplicationName } from "../aip/resource-name.ts";
import type { ApplicationStore } from "../application/application-store.ts";
import { clientAddressOf } from "../limits/client-address.ts";
import type { LoginAttempts } from "../limits/login-attempts.ts";
import type { MailSubject } from "../mail/account-mails.ts";
import type { MailDispatch } from "../mail/mail-dispatch.ts";
import { notFound } from "../rpc/errors.ts";
import type { UserTokens } from "../token/user-tokens.ts";
import { normalizeEmail } from "../user/email-address.ts";
import { mailTokenInvalid, notRegisteredPassword, registrationClosed } from "../user/user-errors.ts";
import type { Credentials } from "./credentials.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { PasswordRules } from "./password-rules.ts";
import type { Registrations } from "./registrations.ts";
import { tokensAnswer } from "./tokens-answer.ts";

/** What the methods work with. */
export type MailedMethodsOptions = {
  applications: ApplicationStore;
  registrations: Registrations;
  credentials: Credentials;
  tokens: UserTokens;
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
  const { applications, registrations, credentials, tokens, hasher, rules, dispatch, attempts } = options;
  const subjectOf = async (parent: string, given: string, context: HandlerContext): Promise<Subject> => {
    const { application } = parseApplicationName(parent, "parent");
    const to = normalizeEmail(given, "email");
    await attempts.begin({ kind: "mail", application, account: to, address: clientAddressOf(context.values) });
    const row = await applications.find(application);
    if (!row) throw notFound(parent);
    return { about: { to, application, applicationName: row.displayName }, isClosed: row.registrationClosed === 1 };
  };

  return {
    async registerUser({ parent, email, password, displayName }, context: HandlerContext) {
      await rules.check(password, "password");
      const { about, isClosed } = await subjectOf(parent, email, context);
      if (isClosed) throw registrationClosed();
      const passwordHash = await hasher.hash(about.application, password, context.signal);
      dispatch.enqueue(about.application, () => registrations.register({ about, passwordHash, displayName }));
      return create(EmptySchema);
    },

    async activateUser({ parent, token, password, device }, { values, signal }: HandlerContext) {
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
    },

    async requestPasswordReset({ parent, email }, context: HandlerContext) {
      const { about } = await subjectOf(parent, email, context);
      dispatch.enqueue(about.application, () => registrations.requestReset(about));
      return create(EmptySchema);
    },

    async resetPassword({ parent, token, newPassword }, { signal }) {
      const { application } = parseApplicationName(parent, "parent");
      await rules.check(newPassword, "new_password");
      if (!(await credentials.isReset(application, token))) throw mailTokenInvalid();
      const passwordHash = await hasher.hash(application, newPassword, signal);
      const row = await credentials.reset(application, token, passwordHash);
      if (!row) throw mailTokenInvalid();
      // Somebody else may have locked it by guessing; its owner reads its mail.
      for (const account of [row.email ?? row.id, row.id]) await attempts.forgive({ application, account });
      return create(EmptySchema);
    },
  };
}
