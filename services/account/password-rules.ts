import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { invalidFields } from "../rpc/errors.ts";

/** Code points. */
const MIN_LENGTH = 10;

/** Which passwords are taken. Other rules than these make passwords no harder to guess (NIST SP 800-63B). */
export class PasswordRules {
  readonly #read: () => Promise<ReadonlySet<string>>;
  #common: Promise<ReadonlySet<string>> | undefined;

  /** @param read gives the common passwords that are long enough, in lower case; default: those of @zxcvbn-ts */
  constructor(read = readCommonPasswords) {
    this.#read = read;
  }

  /**
   * Refuses a password that is too short, one of those known to be common, in whatever case, or one character over and
   * over: INVALID_ARGUMENT.
   *
   * @param field its proto path in the request
   */
  async check(password: string, field: string): Promise<void> {
    const length = lengthOf(password);
    if (length < MIN_LENGTH) throw weak(field, `has ${length} characters; choose one of ${MIN_LENGTH} or more`);
    const isCommon = (await this.#readOnce()).has(password.toLowerCase()) || new Set(password).size === 1;
    if (isCommon) throw weak(field, "is one of those that are tried first; choose another");
  }

  /** Reads them once; anew where that failed. */
  #readOnce(): Promise<ReadonlySet<string>> {
    this.#common ??= this.#read().catch((error: unknown) => {
      this.#common = undefined;
      throw error;
    });
    return this.#common;
  }
}

/**
 * Refuses a password that is the user's address, or what is before its `@`, in whatever case: INVALID_ARGUMENT.
 *
 * @param field its proto path in the request
 * @param email in the form that is stored; null where the user has none
 */
export function checkIsNoAddress(password: string, field: string, email: string | null): void {
  const text = password.normalize("NFC").toLowerCase().normalize("NFC");
  const isAddress = email !== null && (text === email || text === email.slice(0, email.lastIndexOf("@")));
  if (isAddress) throw weak(field, "is the e-mail address, or what is before its @; choose another");
}

/** Of the common ones, in lower case, those that are not too short anyway: 1,500 of 49,000. */
async function readCommonPasswords(): Promise<ReadonlySet<string>> {
  const list = import.meta.resolve("@zxcvbn-ts/language-common/src/passwords.json");
  const text = await readFile(fileURLToPath(list), "utf8");
  return new Set((JSON.parse(text) as string[]).filter((password) => lengthOf(password) >= MIN_LENGTH));
}

function lengthOf(password: string): number {
  return [...password.normalize("NFC")].length;
}

function weak(field: string, description: string): Error {
  return invalidFields([{ field, description }], ErrorReason.PASSWORD_WEAK);
}
