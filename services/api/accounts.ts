import type { ServiceImpl } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import type { UserService } from "../../gen/parley/v1/user_service_pb.ts";
import { createAuthService, type KeyMethods } from "../account/auth-service.ts";
import { Credentials } from "../account/credentials.ts";
import { PasswordHasher } from "../account/password-hasher.ts";
import { PasswordRules } from "../account/password-rules.ts";
import { Registrations } from "../account/registrations.ts";
import type { PageSizes } from "../aip/page-size.ts";
import type { ApplicationStore } from "../application/application-store.ts";
import type { Database } from "../database/database.ts";
import type { FactChanges } from "../facts/facts.ts";
import type { LoginAttempts } from "../limits/login-attempts.ts";
import { AccountMails } from "../mail/account-mails.ts";
import { MailDispatch, type UnsentMail } from "../mail/mail-dispatch.ts";
import { MailTokens } from "../mail/mail-tokens.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { UserSessions } from "../session/user-sessions.ts";
import type { Settings } from "../settings/settings.ts";
import type { FirstSight } from "../token/first-sight.ts";
import { UserRemoval } from "../user/user-removal.ts";
import { createUserService } from "../user/user-service.ts";
import type { UserStore } from "../user/user-store.ts";
import type { Mutations } from "../write-path/mutations.ts";

/** What accounts are made of. */
export type AccountsOptions = {
  settings: Settings;
  database: Database;
  applications: ApplicationStore;
  store: UserStore;
  firstSight: FirstSight;
  facts: FactChanges;
  mutations: Mutations;
  tokens: UserSessions;
  keys: KeyMethods;
  attempts: LoginAttempts;
  mailer: Mailer;
  onUnsentMail: (outcome: UnsentMail) => void;
  pageSizes: PageSizes;
  log: Logger;
};

/** The services of users and of how they log in, and the mails that these send. */
export type Accounts = {
  users: ServiceImpl<typeof UserService>;
  auth: ServiceImpl<typeof AuthService>;
  mails: MailDispatch;
};

/** Puts together what has to do with accounts. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { settings, database, applications, store, firstSight, facts, tokens, keys, attempts, mailer, log } = options;
  const ttls = { activateMs: settings.ACTIVATION_TTL, resetMs: settings.PASSWORD_RESET_TTL };
  const mailTokens = new MailTokens(database, ttls);
  const links = { activate: settings.MAIL_LINK_ACTIVATE, reset: settings.MAIL_LINK_RESET };
  const mails = new MailDispatch(mailer, log, options.onUnsentMail);
  const removal = new UserRemoval({ database, store, facts });
  const { mutations, pageSizes } = options;
  const auth = createAuthService({
    ...{ applications, store, firstSight, tokens, keys, attempts, dispatch: mails },
    registrations: new Registrations({ store, mailTokens, mails: new AccountMails(links) }),
    credentials: new Credentials({ store, mailTokens, tokens, facts }),
    hasher: new PasswordHasher(),
    rules: new PasswordRules(),
  });
  return { users: createUserService({ store, mailTokens, removal, facts, mutations, pageSizes }), auth, mails };
}
