/** A mail to a user, in plain text. */
export type Mail = { to: string; subject: string; text: string };

/** The mail will never be taken: sending it again is of no use. */
export class MailRefusedError extends Error {
  constructor(cause: unknown) {
    super("the mail server refuses the mail for good", { cause });
    this.name = "MailRefusedError";
  }
}

/** Sends mails. */
export interface Mailer {
  /** What takes the mails, as the log names it. */
  readonly name: string;

  /** Resolves once the mail is somebody else's to deliver. MailRefusedError; any other error may pass. */
  send(mail: Mail): Promise<void>;

  close(): void;
}
