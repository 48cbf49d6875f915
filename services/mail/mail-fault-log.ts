import type { Logger } from "pino";

/** Which mail a line of the log is about: never to whom, or what it says. */
export type LoggedMail = {
  application: string;
  /** What it was asked for with. */
  mail: "registration" | "password_reset";
};

/** A failure, after which a mail is tried again. */
export type MailFault = LoggedMail & { what: string; cause: string; waitMs: number };

const WINDOW_MS = 60_000;

/**
 * Logs that mails wait: the first of the failures with the same text, and then one line a minute at most, as an outage
 * fails each mail again and again. `leftOut` says how many failed since the line before.
 */
export function createMailFaultLog(log: Logger): (fault: MailFault) => void {
  const told = new Map<string, { atMs: number; leftOut: number }>();
  return ({ what, ...fault }) => {
    const now = performance.now();
    const last = told.get(what);
    if (last !== undefined && now - last.atMs < WINDOW_MS) {
      last.leftOut++;
      return;
    }
    told.set(what, { atMs: now, leftOut: 0 });
    log.warn({ ...fault, leftOut: last?.leftOut || undefined }, `${what}; it is tried again`);
  };
}

/** What an error and its causes say, in one line. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${causeOf(error.cause)}`;
}
