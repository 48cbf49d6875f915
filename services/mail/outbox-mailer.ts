import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Mail, Mailer } from "./mailer.ts";

/** What the mails say they come from. */
const FROM = "Parley <parley@localhost>";

/** Puts mails into a folder, a file `.eml` each, instead of sending them: for trying things out. */
export class OutboxMailer implements Mailer {
  readonly #folder: string;
  readonly #composer = createTransport({ streamTransport: true, buffer: true });

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A file that has its name is whole; the names sort by time. */
  async send({ to, subject, text }: Mail): Promise<void> {
    const mail = { from: FROM, to: { name: "", address: to }, subject, text };
    const { message } = await this.#composer.sendMail({ ...mail, textEncoding: "quoted-printable" });
    const name = `${new Date().toISOString().replaceAll(":", "-")}-${randomUUID().slice(0, 8)}`;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const part = join(this.#folder, `.${name}.part`);
    await writeFile(part, message as Buffer, { mode: 0o600 });
    await rename(part, join(this.#folder, `${name}.eml`));
  }

  close(): void {
    this.#composer.close();
  }
}
