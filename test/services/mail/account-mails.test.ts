import { expect, test } from "vitest";
import { AccountMails } from "../../../services/mail/account-mails.ts";

const SUBJECT = { to: "ann@a.example", application: "app", applicationName: "Shop" };
const TOKEN = "t".repeat(43);
const GIVEN = { token: TOKEN, expireTimeMs: Date.UTC(2026, 11, 2, 0, 15, 59) };
const KINDS = ["activation", "passwordReset", "knownAddress"] as const;

test.each(KINDS)("a mail of %s has its token on a line of its own, where there is no link", (kind) => {
  const mail = new AccountMails({ activate: undefined, reset: undefined })[kind](SUBJECT, GIVEN);
  expect(mail).toMatchObject({ to: "ann@a.example", subject: expect.stringContaining("Shop") });
  expect(mail.text.split("\n")).toContain(TOKEN);
  expect(mail.text).toMatch(/with (your password and )?this token:/);
});

test.each(KINDS)("a mail of %s has its link with token and application", (kind) => {
  const link = (path: string) => `https://shop.example/${path}?app={application}&token={token}#{token}`;
  const mail = new AccountMails({ activate: link("activate"), reset: link("reset") })[kind](SUBJECT, GIVEN);
  const path = kind === "activation" ? "activate" : "reset";
  expect(mail.text.split("\n")).toContain(`https://shop.example/${path}?app=app&token=${TOKEN}#${TOKEN}`);
  expect(mail.text).toMatch(/with (your password and )?this link:/);
});

test.each(KINDS)("a mail of %s says until when its token works", (kind) => {
  const mail = new AccountMails({ activate: undefined, reset: undefined })[kind](SUBJECT, GIVEN);
  expect(mail.text).toContain("It works once, until 2026-12-02, 00:15 UTC.");
});

test("who registered again is told of the account, and not asked to confirm anything", () => {
  const { subject, text } = new AccountMails({ activate: undefined, reset: undefined }).knownAddress(SUBJECT, GIVEN);
  expect(subject).toBe("You have an account at Shop");
  expect(text).toContain("nothing was changed");
});
