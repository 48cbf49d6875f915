import type { TimedToken } from "../token/timed-token.ts";
import type { Mail } from "./mailer.ts";

/** Where the links of mails lead: URLs with `{token}` in them, and maybe `{application}`. Without one, a mail has the token itself. */
export type MailLinks = { activate: string | undefined; reset: string | undefined };

/** Whom a mail is to, and which application it is about. */
export type MailSubject = {
  to: string;
  application: string;
  /** What people call the application. */
  applicationName: string;
};

/** The mails about accounts. */
export class AccountMails {
  readonly #links: MailLinks;

  constructor(links: MailLinks) {
    this.#links = links;
  }

  /** To who registered. */
  activation(subject: MailSubject, token: TimedToken): Mail {
    const { applicationName } = subject;
    return mail(subject, `Confirm your e-mail address for ${applicationName}`, [
      `Somebody registered at ${applicationName} with this e-mail address.`,
      `If it was you, confirm the address with your password and this ${this.#links.activate ? "link" : "token"}:`,
      linkOrToken(this.#links.activate, subject, token),
      usableUntil(token),
      "If you registered more than once, each of these mails goes with the password of its time.",
      "If it was not you, do nothing: without the confirmation nobody can log in.",
    ]);
  }

  /** To a user who asked to set its password anew, or of whom somebody else did. */
  passwordReset(subject: MailSubject, token: TimedToken): Mail {
    const { applicationName } = subject;
    return mail(subject, `Set a new password for ${applicationName}`, [
      `Somebody asked to set a new password for your account at ${applicationName}.`,
      `If it was you, set one with this ${this.#links.reset ? "link" : "token"}:`,
      linkOrToken(this.#links.reset, subject, token),
      usableUntil(token),
      "If it was not you, do nothing: your password stays as it is.",
    ]);
  }

  /** To a user with whose address somebody registered again. */
  knownAddress(subject: MailSubject, token: TimedToken): Mail {
    const { applicationName } = subject;
    return mail(subject, `You have an account at ${applicationName}`, [
      `Somebody registered at ${applicationName} with this e-mail address, which has an account there already.`,
      `If it was you, log in; or set a new password with this ${this.#links.reset ? "link" : "token"}:`,
      linkOrToken(this.#links.reset, subject, token),
      usableUntil(token),
      "If it was not you, do nothing: nothing was changed.",
    ]);
  }
}

function mail({ to }: MailSubject, subject: string, paragraphs: readonly string[]): Mail {
  return { to, subject, text: `${paragraphs.join("\n\n")}\n` };
}

function linkOrToken(link: string | undefined, { application }: MailSubject, { token }: TimedToken): string {
  return link === undefined ? token : link.replaceAll("{application}", application).replaceAll("{token}", token);
}

/** To the minute, in UTC: nobody knows where its reader is. */
function usableUntil({ expireTimeMs }: TimedToken): string {
  const [day, time] = new Date(expireTimeMs).toISOString().split("T");
  return `It works once, until ${day}, ${time!.slice(0, 5)} UTC.`;
}
