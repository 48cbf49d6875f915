import type { Transporter } from "nodemailer";
import { type Mail, type Mailer, MailRefusedError } from "./mailer.ts";

const TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 2;
/** From here on a reply of SMTP is for good (RFC 5321). */
const PERMANENT = 500;
/** Nobody's absence is to be answered to them (RFC 3834). */
const HEADERS = { "Auto-Submitted": "auto-generated" };

/** What the SMTP server is asked with. */
export type SmtpOptions = { url: string; from: string };

/** Sends mails through the server at an smtp:// or smtps:// URL. A password is only ever sent over TLS. */
export class SmtpMailer implements Mailer {
  readonly name = "the mail server of SMTP_URL";
  readonly #options: SmtpOptions;
  #transport: Promise<Transporter> | undefined;

  constructor(options: SmtpOptions) {
    this.#options = options;
  }

  async send({ to, subject, text }: Mail): Promise<void> {
    this.#transport ??= openTransport(this.#options).catch((error: unknown) => {
      this.#transport = undefined;
      throw error;
    });
    const transport = await this.#transport;
    try {
      const { from } = this.#options;
      await transport.sendMail({ from, to: { name: "", address: to }, subject, text, headers: HEADERS });
    } catch (error) {
      const { responseCode = 0, message } = error as Error & { responseCode?: number };
      // Servers quote whom they refuse, and it is logged: people's addresses are not.
      const failure = new Error(message.replaceAll(to, "(the recipient)"));
      throw responseCode >= PERMANENT ? new MailRefusedError(failure) : failure;
    }
  }

  close(): void {
    this.#transport?.then(
      (transport) => transport.close(),
      () => undefined,
    );
  }
}

/** The library takes 60 ms and 20 MB: it is loaded with the first mail. */
async function openTransport({ url }: SmtpOptions): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    url,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    requireTLS: new URL(url).username !== "",
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
