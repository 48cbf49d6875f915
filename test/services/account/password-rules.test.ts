import { expect, test, vi } from "vitest";
import { checkIsNoAddress, PasswordRules } from "../../../services/account/password-rules.ts";
import { failureOf } from "../../failure.ts";

const rules = new PasswordRules();

test.each(["correct horse battery", "9characte!", "пароль-для-чата", "🔑🔒🔑🔒🔑🔒🔑🔒🔑🔒", `${"x".repeat(255)}y`])(
  "%s is taken",
  (password) => expect(rules.check(password, "password")).resolves.toBeUndefined(),
);

test.each([
  ["nine char", "9 characters"],
  ["🔑🔒🔑🔒🔑", "5 characters"],
  // Ten code units, of five letters with an accent each.
  ["e\u0301".repeat(5), "5 characters"],
  ["1234567890", "tried first"],
  ["Password123", "tried first"],
  ["QWERTYUIOP", "tried first"],
  ["aaaaaaaaaaaaaaaa", "tried first"],
])("%s is refused: %s", async (password, reason) => {
  expect(await failureOf(rules.check(password, "new_password"))).toMatchObject({
    code: "InvalidArgument",
    reason: "PASSWORD_WEAK",
    message: expect.stringMatching(`^new_password: (has|is) .*${reason}`),
    fields: ["new_password"],
  });
});

test.each(["ada.lovelace@example.com", "ADA.Lovelace@Example.com", "Ada.Lovelace"])(
  "%s is refused of whom it is the address",
  async (password) => {
    await rules.check(password, "password");
    const check = async () => checkIsNoAddress(password, "password", "ada.lovelace@example.com");
    expect(await failureOf(check())).toMatchObject({
      ...{ code: "InvalidArgument", reason: "PASSWORD_WEAK", fields: ["password"] },
      message: "password: is the e-mail address, or what is before its @; choose another",
    });
    for (const other of ["lovelace@example.com", null]) checkIsNoAddress(password, "password", other);
  },
);

test("the list of common passwords that could not be read is read again, and then once", async () => {
  const read = vi.fn(async (): Promise<ReadonlySet<string>> => new Set(["common password"]));
  read.mockRejectedValueOnce(new Error("EMFILE: too many open files"));
  const late = new PasswordRules(read);
  await expect(late.check("common password", "password")).rejects.toThrow("EMFILE");
  expect((await failureOf(late.check("common password", "password"))).reason).toBe("PASSWORD_WEAK");
  await late.check("uncommon password", "password");
  expect(read).toHaveBeenCalledTimes(2);
});
