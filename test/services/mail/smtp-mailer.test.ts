import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { MailRefusedError } from "../../../services/mail/mailer.ts";
import { SmtpMailer } from "../../../services/mail/smtp-mailer.ts";

const FROM = "Parley <parley@example.com>";
const MAIL = { to: "ann@a.example", subject: "Hello", text: "Hello, Ann\n" };

/** Starts a server; resolves with a mailer that uses it, and the commands and mails that came. */
async function openScene({ user = "", ...options }: SMTPServerOptions & { user?: string } = {}) {
  const mails: string[] = [];
  const recipients: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, done) {
      recipients.push(...envelope.rcptTo.map(({ address }) => address));
      text(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
    ...options,
  });
  const listener = server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const url = `smtp://${user}127.0.0.1:${port}`;
  const mailer = new SmtpMailer({ url, from: FROM });
  onTestFinished(async () => {
    mailer.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { mailer, url, mails, recipients };
}

function refuseWith(responseCode: number): SMTPServerOptions {
  return {
    onRcptTo: ({ address }, _session, done) =>
      done(Object.assign(new Error(`${address} is refused`), { responseCode })),
  };
}

test("a mail is handed to the server, for its recipient alone", async () => {
  const { mailer, mails, recipients } = await openScene();
  await mailer.send(MAIL);
  expect(recipients).toEqual(["ann@a.example"]);
  expect(mails).toEqual([expect.stringContaining("From: Parley <parley@example.com>")]);
  expect(mails[0]).toContain("Hello, Ann");
  expect(mails[0]).toContain("Auto-Submitted: auto-generated");
});

test("a refusal for good is told from one that may pass, and without the address", async () => {
  const { mailer } = await openScene(refuseWith(550));
  const refusal = (await mailer.send(MAIL).catch((error: unknown) => error)) as Error;
  expect(refusal).toBeInstanceOf(MailRefusedError);
  expect(String(refusal.cause)).toContain("(the recipient) is refused");
  const other = await openScene(refuseWith(451));
  const failure = await other.mailer.send(MAIL).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(failure).not.toBeInstanceOf(MailRefusedError);
});

test("a password is not sent where there is no TLS", async () => {
  const passwords: unknown[] = [];
  const { mailer, mails } = await openScene({
    user: "parley:secret@",
    onAuth({ password }, _session, done) {
      passwords.push(password);
      done(null, { user: "parley" });
    },
  });
  await expect(mailer.send(MAIL)).rejects.toThrow();
  expect(passwords).toEqual([]);
  expect(mails).toEqual([]);
});

test("a server that is away may come back", async () => {
  const mailer = new SmtpMailer({ url: "smtp://127.0.0.1:1", from: FROM });
  const failure = await mailer.send(MAIL).catch((error: unknown) => error);
  expect(failure).not.toBeInstanceOf(MailRefusedError);
  mailer.close();
});

test("a transport that could not be opened is opened again with the next mail, and closing does not mind", async () => {
  const { url, mails } = await openScene();
  const options = { url: "nowhere", from: FROM };
  const mailer = new SmtpMailer(options);
  const sending = mailer.send(MAIL);
  mailer.close();
  await expect(sending).rejects.toThrow("Invalid URL");
  options.url = url;
  await mailer.send(MAIL);
  mailer.close();
  expect(mails).toHaveLength(1);
});
