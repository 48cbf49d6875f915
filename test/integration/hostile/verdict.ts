import type { Verdict } from "./hostile-input.ts";
import { hasProperStatus, type Outcome } from "./wire-answer.ts";

/** What only the server itself should know: stacks, files, and the words of its engine and stores. */
const INTERNALS = [
  /\n\s+at /,
  /node_modules|file:\/\/|\.[jt]s:\d/,
  /\b(Type|Range|Syntax|Reference|Assertion)Error\b/,
  /Cannot read prop|is not a function|is not iterable|call stack|undefined|\[object /,
  /SQLITE|sequelize/i,
];

/** The longest that a message may be, in UTF-16 units: it quotes a part of the request, and names a few mistakes. */
const MAX_MESSAGE = 2_000;

/** An outcome in a few words. What is wrong with an answer itself, whatever it answers, is told instead. */
export function verdictOf(outcome: Outcome): Verdict {
  if (outcome.kind === "ok") return "OK";
  if (outcome.kind === "status") return `HTTP ${outcome.status}${outcome.body && `: ${outcome.body}`}`;
  const { code, reason, domain, message, status, form, headers } = outcome;
  if (!hasProperStatus(form, status, outcome)) return `${code} ${reason} with HTTP ${status}`;
  if (status === 405 && !headers.has("allow")) return `${code} ${reason} without Allow`;
  if (status === 401 && form === "rest" && !headers.has("www-authenticate")) return `${code} without WWW-Authenticate`;
  if (reason !== undefined && domain !== "parley") return `${code} ${reason} of domain ${domain}`;
  if (message.trim() === "") return `${code} ${reason} without a message`;
  if (message.length > MAX_MESSAGE) return `${code} ${reason} with a message of ${message.length} characters`;
  if (INTERNALS.some((pattern) => pattern.test(message))) return `${code} ${reason}: ${message}`;
  return `${code} ${reason ?? "-"}`;
}
