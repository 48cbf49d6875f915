import { join, resolve } from "node:path";
import type { Logger } from "pino";
import type { Settings } from "../settings/settings.ts";
import type { Mailer } from "./mailer.ts";
import { OutboxMailer } from "./outbox-mailer.ts";
import { SmtpMailer } from "./smtp-mailer.ts";

/** What sends mails: the server at SMTP_URL, or else the folder DATA_DIR/outbox, which is said once. */
export function openMailer({ SMTP_URL, MAIL_FROM, DATA_DIR }: Settings, log: Logger): Mailer {
  if (SMTP_URL !== undefined) return new SmtpMailer({ url: SMTP_URL, from: MAIL_FROM! });
  const folder = join(DATA_DIR, "outbox");
  log.warn({ folder: resolve(folder) }, "no SMTP_URL is set: mails are put into a folder, and sent to nobody");
  return new OutboxMailer(folder);
}
