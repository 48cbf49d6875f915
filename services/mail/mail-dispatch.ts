import { Code, type ConnectError } from "@connectrpc/connect";
import type { Logger } from "pino";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { repeatWithBackOff } from "../process/back-off.ts";
import { Turns } from "../process/turns.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import { rpcError } from "../rpc/errors.ts";
import { causeOf, createMailFaultLog, type LoggedMail, type MailFault } from "./mail-fault-log.ts";
import { type Mail, type Mailer, MailRefusedError } from "./mailer.ts";

/** Mails of one application that may wait. */
const MAX_PENDING = 200;
const AT_ONCE = 2;
/** For how long a mail is tried, and how long it waits in between at most, in milliseconds. */
const GIVE_UP_MS = 600_000;
const LONGEST_WAIT_MS = 30_000;

/** Why a mail is not sent any more: nobody takes it, or nobody took it in time. */
export type UnsentMail = "refused" | "given_up";

/** Finds out, and stores, what a mail is to say; undefined where there is none to send. May be asked again after a failure. */
export type PrepareMail = () => Promise<Mail | undefined>;

/**
 * Prepares and sends mails in the background, so that neither the answer to the call that asks for one nor its time
 * tells whether there was any. What fails is tried again for ten minutes. Applications take turns.
 */
export class MailDispatch {
  readonly #mailer: Mailer;
  readonly #log: Logger;
  readonly #logFault: (fault: MailFault) => void;
  readonly #onUnsent: (outcome: UnsentMail) => void;
  readonly #turns = new Turns({ atOnce: AT_ONCE, maxWaiting: MAX_PENDING });
  readonly #pending = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  /** @param onUnsent told of each mail that is not sent any more. Default: nobody is told */
  constructor(mailer: Mailer, log: Logger, onUnsent: (outcome: UnsentMail) => void = () => {}) {
    this.#mailer = mailer;
    this.#log = log;
    this.#logFault = createMailFaultLog(log);
    this.#onUnsent = onUnsent;
  }

  /** RESOURCE_EXHAUSTED where too many mails of the application wait; else it is in hand. */
  enqueue(about: LoggedMail, prepare: PrepareMail): void {
    const { application } = about;
    const pending = this.#pending.get(application) ?? 0;
    if (pending >= MAX_PENDING) throw tooManyMails();
    this.#pending.set(application, pending + 1);
    const running = this.#perform(about, prepare).finally(() => {
      this.#running.delete(running);
      const left = this.#pending.get(application)! - 1;
      if (left > 0) this.#pending.set(application, left);
      else this.#pending.delete(application);
    });
    this.#running.add(running);
  }

  /**
   * Begins no further attempt, but lets those end that are under way or wait for their turn; resolves then, or when the
   * deadline aborts. What was not sent by then never is.
   */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stop.abort();
    await unlessAborted(Promise.all(this.#running), deadline).catch(() => undefined);
    this.#mailer.close();
  }

  async #perform(about: LoggedMail, prepare: PrepareMail): Promise<void> {
    const over = new AbortController();
    const mail = memoizeSuccess(prepare);
    let what = "what a mail is to say could not be found out, or stored";
    const attempt = async () => {
      const prepared = await mail();
      what = `${this.#mailer.name} does not take mails`;
      if (prepared) await this.#mailer.send(prepared);
    };
    const step = () =>
      this.#turns.take(about.application, attempt).then(
        () => over.abort(),
        (error: unknown) => {
          if (!(error instanceof MailRefusedError)) throw error;
          over.abort();
          this.#onUnsent("refused");
          this.#log.error({ ...about, cause: causeOf(error) }, "a mail was refused for good; it is not sent");
        },
      );
    const failed = (error: unknown, waitMs: number) =>
      this.#logFault({ ...about, what, cause: causeOf(error), waitMs });
    const end = AbortSignal.any([over.signal, this.#stop.signal, AbortSignal.timeout(GIVE_UP_MS)]);
    await repeatWithBackOff(step, end, failed, LONGEST_WAIT_MS);
    if (over.signal.aborted) return;
    this.#onUnsent("given_up");
    this.#log.error(about, "a mail was given up; its user has to ask for another");
  }
}

/** The result of the first call that succeeded. */
function memoizeSuccess<T>(work: () => Promise<T>): () => Promise<T> {
  let known: { value: T } | undefined;
  return async () => {
    known ??= { value: await work() };
    return known.value;
  };
}

function tooManyMails(): ConnectError {
  return rpcError(
    Code.ResourceExhausted,
    ErrorReason.TOO_MANY_PENDING,
    "too many of the application's mails wait to be sent; repeat the call later, with back-off",
  );
}
