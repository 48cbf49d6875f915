import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { OutboxMailer } from "../../../services/mail/outbox-mailer.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const logged: string[] = [];
const log = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });
const LINK = `https://app.example/${"long/".repeat(30)}`;

test("a mail is a file of its own, with its text as it is, for nobody else to read", async () => {
  const folder = join(await temporaryFolder(), "outbox");
  const mailer = new OutboxMailer(folder, log);
  await mailer.send({ to: "ann@a.example", subject: "Grüße", text: `Für dich:\n\n${LINK}\n` });
  const [name, ...others] = await readdir(folder);
  expect(others).toEqual([]);
  expect(name).toMatch(/^\d{4}-.*\.eml$/);
  const path = join(folder, name!);
  const mail = await readFile(path, "utf8");
  expect(mail).toMatch(/^To: ann@a\.example\r$/m);
  expect(mail).toMatch(/^Content-Transfer-Encoding: 8bit\r$/m);
  expect(mail.endsWith(`\r\n\r\nFür dich:\r\n\r\n${LINK}\r\n`)).toBe(true);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("what is in a name becomes no header", async () => {
  const folder = await temporaryFolder();
  const mailer = new OutboxMailer(folder, log);
  await mailer.send({ to: "ann@a.example", subject: "Hello\r\nBcc: eve@a.example", text: "\n" });
  const [name] = await readdir(folder);
  expect(await readFile(join(folder, name!), "utf8")).not.toMatch(/^Bcc:/m);
});

test("none is lost where many come at once", async () => {
  const folder = await temporaryFolder();
  const mailer = new OutboxMailer(folder, log);
  const texts = Array.from({ length: 20 }, (_, index) => `mail ${index}`);
  await Promise.all(texts.map((text) => mailer.send({ to: "ann@a.example", subject: "Hello", text })));
  const mails = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
  expect(mails.map((mail) => mail.split("\r\n\r\n")[1]).sort()).toEqual(texts.sort());
});

test("the log is told of the folder once", async () => {
  logged.length = 0;
  const folder = await temporaryFolder();
  const mailer = new OutboxMailer(folder, log);
  for (const text of ["first", "second"]) await mailer.send({ to: "ann@a.example", subject: "Hello", text });
  expect(logged).toEqual([expect.stringContaining(folder)]);
});
