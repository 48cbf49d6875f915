import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Mail, Mailer } from "./mailer.ts";

/** What the mails say they come from. */
const FROM = "Parley <parley@localhost>";

/** Puts mails into a folder, a file `.eml` each, instead of sending them: for trying things out. */
export class OutboxMailer implements Mailer {
  readonly name = "the folder of mails in DATA_DIR";
  readonly #folder: string;
  readonly #log: Logger;
  #isTold = false;

  /** @param log is told of the folder with the first mail */
  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /** A file that has its name is whole; the names sort by time, in milliseconds. */
  async send({ to, subject, text }: Mail): Promise<void> {
    // The library takes 60 ms and 20 MB: it is loaded with the first mail.
    const { createTransport } = await import("nodemailer");
    const composer = createTransport({ streamTransport: true, buffer: true });
    const { message } = await composer.sendMail({ from: FROM, to: { name: "", address: to }, subject, text });
    const name = `${new Date().toISOString().replaceAll(":", "-")}-${randomUUID().slice(0, 8)}`;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const part = join(this.#folder, `.${name}.part`);
    await writeFile(part, readable(message as Buffer, text), { mode: 0o600 });
    await rename(part, join(this.#folder, `${name}.eml`));
    if (this.#isTold) return;
    this.#isTold = true;
    this.#log.warn(`SMTP_URL is not set: mails are put into ${this.#folder}, and sent to nobody`);
  }

  close(): void {}
}

/** The mail with its text as it is: no line of it is broken, so that links and tokens can be copied out of the file. */
function readable(message: Buffer, text: string): string {
  const [head = ""] = message.toString().split("\r\n\r\n", 1);
  const plainHead = head.replace(/^Content-Transfer-Encoding: .*$/m, "Content-Transfer-Encoding: 8bit");
  return `${plainHead}\r\n\r\n${text.replaceAll(/\r?\n/g, "\r\n")}`;
}
