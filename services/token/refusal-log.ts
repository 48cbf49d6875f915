import type { Logger } from "pino";

/** A token of another issuer that was refused. Its issuer and key are what it says, believed or not. */
export type RefusedToken = {
  cause: string;
  /** Empty where it names none, as the key's. */
  issuer: string;
  keyId: string;
  application: string | undefined;
};

const WINDOW_MS = 1_000;
/** Lines of one window. */
const MAX_LINES = 10;
/** Characters of what a token says. */
const MAX_TEXT = 256;

/**
 * Logs why tokens of other issuers are refused, which their callers are mostly not told: at most ten a second, as anybody
 * can send some. Nothing of a token is logged but its issuer and key.
 */
export function createRefusalLog(log: Logger): (refused: RefusedToken) => void {
  let lines = 0;
  let windowStart = Number.NEGATIVE_INFINITY;
  return ({ cause, issuer, keyId, application }) => {
    const now = performance.now();
    if (now - windowStart >= WINDOW_MS) {
      lines = 0;
      windowStart = now;
    }
    if (++lines > MAX_LINES) return;
    const said = { issuer: cut(issuer), keyId: cut(keyId) };
    log.info({ cause, ...said, application }, "a token of another issuer was refused");
  };
}

/** Undefined where there is nothing to log. */
function cut(said: string): string | undefined {
  return said === "" ? undefined : said.slice(0, MAX_TEXT);
}
