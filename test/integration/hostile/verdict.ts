import type { Verdict } from "./hostile-input.ts";
import { type Outcome, statusOf } from "./wire-answer.ts";

/** What only the server itself should know: stacks, files, and the words of its engine. */
const INTERNALS = [
  /\n\s+at /,
  /node_modules|\.[jt]s\b|file:\/\//,
  /\b\w+Error\b/,
  /Cannot read prop|is not a function|is not iterable|call stack|undefined|\[object /,
  /SQLITE|sequelize|INSERT|SELECT/i,
];

/** The longest that a message may be, in UTF-16 units: it quotes the request, but no more than a line of it. */
const MAX_MESSAGE = 1_100;

/** An outcome in a few words. What is wrong with an answer itself, whatever it answers, is told instead. */
export function verdictOf(outcome: Outcome): Verdict {
  if (outcome.kind === "ok") return "OK";
  if (outcome.kind === "status") return `HTTP ${outcome.status}${outcome.body && `: ${outcome.body}`}`;
  const { code, reason, domain, message, status, form } = outcome;
  const wanted = statusOf(form, outcome);
  if (status !== wanted) return `${code} ${reason} with HTTP ${status}, not ${wanted}`;
  if (reason !== undefined && domain !== "parley") return `${code} ${reason} of domain ${domain}`;
  if (message.trim() === "") return `${code} ${reason} without a message`;
  if (message.length > MAX_MESSAGE) return `${code} ${reason} with a message of ${message.length} characters`;
  if (INTERNALS.some((pattern) => pattern.test(message))) return `${code} ${reason}: ${message}`;
  return `${code} ${reason ?? "-"}`;
}
