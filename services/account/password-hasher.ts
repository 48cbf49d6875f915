import { Code, type ConnectError } from "@connectrpc/connect";
import { hash, verify } from "@node-rs/argon2";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { TooManyWaitingError, Turns } from "../process/turns.ts";
import { rpcError } from "../rpc/errors.ts";

/** Of Argon2id, the package's default: the least that OWASP's Password Storage Cheat Sheet recommends. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Of a random password that nobody has, at the same cost. */
const NOBODYS_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$w3oAnHVb7nRdATuG3eDqow$0bCMqYY3l/q1lc0dACKl0O7JKZQKo6/3WklwU/p2fQk";
/** One application's at a time, about three seconds of one core. */
const MAX_WAITING = 64;

/** The two operations of Argon2id. */
export type Argon2 = {
  hash: (password: string, cost: typeof COST) => Promise<string>;
  verify: (hash: string, password: string) => Promise<boolean>;
};

/**
 * Hashes passwords, one at a time: each takes some 20 MB and a core for tens of milliseconds. Applications take turns.
 * RESOURCE_EXHAUSTED where too many of one wait.
 */
export class PasswordHasher {
  readonly #argon2: Argon2;
  readonly #turns = new Turns({ atOnce: 1, maxWaiting: MAX_WAITING });

  /** @param argon2 default: that of @node-rs/argon2 */
  constructor(argon2: Argon2 = { hash, verify }) {
    this.#argon2 = argon2;
  }

  /** What is stored of a password, in the PHC string format. */
  hash(application: string, password: string, signal?: AbortSignal): Promise<string> {
    return this.#turn(application, () => this.#argon2.hash(normalized(password), COST), signal);
  }

  /** Whether it is the password of the hash. Without a hash it takes as long to say no. */
  async verify(
    application: string,
    stored: string | null | undefined,
    password: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const work = () => this.#argon2.verify(stored ?? NOBODYS_HASH, normalized(password));
    const isRight = await this.#turn(application, work, signal);
    return isRight && typeof stored === "string";
  }

  #turn<T>(application: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#turns.take(application, work, signal).catch((error: unknown) => {
      throw error instanceof TooManyWaitingError ? tooManyPasswords() : error;
    });
  }
}

/** The same characters may be typed composed or not (RFC 8265). */
function normalized(password: string): string {
  return password.normalize("NFC");
}

function tooManyPasswords(): ConnectError {
  return rpcError(
    Code.ResourceExhausted,
    ErrorReason.TOO_MANY_PENDING,
    "too many of the application's users wait for their passwords to be checked; repeat the call later, with back-off",
  );
}
