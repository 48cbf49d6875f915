import { resolve } from "node:path";
import type { Logger } from "pino";
import type { Settings } from "../settings/settings.ts";
import type { Mailer } from "./mailer.ts";
import { OutboxMailer } from "./outbox-mailer.ts";
import { SmtpMailer } from "./smtp-mailer.ts";

/** What sends mails: the server at SMTP_URL, or else the folder DATA_DIR/outbox. */
export function openMailer({ SMTP_URL, MAIL_FROM, DATA_DIR }: Settings, log: Logger): Mailer {
  if (SMTP_URL !== undefined) return new SmtpMailer({ url: SMTP_URL, from: MAIL_FROM! });
  return new OutboxMailer(resolve(DATA_DIR, "outbox"), log);
}
