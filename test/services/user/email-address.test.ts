import { expect, test } from "vitest";
import { normalizeEmail } from "../../../services/user/email-address.ts";

test.each([
  ["ann@example.com", "ann@example.com"],
  ["Ann.Lee+chat@Example.COM", "ann.lee+chat@example.com"],
  ["ann@localhost", "ann@localhost"],
  ["ann@bücher.example", "ann@xn--bcher-kva.example"],
  ["ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"],
  ["Jose\u0301@example.com", "jos\u00e9@example.com"],
  ["\u212Aen@example.com", "ken@example.com"],
  ["Ärger@example.com", "ärger@example.com"],
])("%s is stored as %s", (given, stored) => {
  expect(normalizeEmail(given, "email")).toBe(stored);
  expect(normalizeEmail(stored, "email")).toBe(stored);
});

test.each([
  "ann",
  "@example.com",
  "ann@",
  "ann@@example.com",
  ".ann@example.com",
  "ann..lee@example.com",
  '"ann lee"@example.com',
  "ann<bob@example.com",
  "ann,bob@example.com",
  "ann\0@example.com",
  "ann\u200B@example.com",
  "ann\u202E@example.com",
  "ann@[::1]",
  "ann@127.0.0.1",
  "ann@example.com.",
  "ann@-example.com",
  "ann@exa_mple.com",
  `ann@${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}`,
])("%j is no address", (given) => {
  expect(() => normalizeEmail(given, "user.email")).toThrow("user.email: is no e-mail address");
});
