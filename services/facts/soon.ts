import { isStoreAway } from "../database/store-errors.ts";
import { inTime } from "../process/in-time.ts";
import type { Soon } from "./facts.ts";

/** How long something is waited for without which it goes, too, in milliseconds. */
const PATIENCE_MS = 1_000;

/** What follows from something: at once where that is known. */
export function whenKnown<T, R>(soon: Soon<T>, follow: (value: T) => Promise<R>): Promise<R>;
export function whenKnown<T, R>(soon: Soon<T>, follow: (value: T) => Soon<R>): Soon<R>;
export function whenKnown<T, R>(soon: Soon<T>, follow: (value: T) => Soon<R>): Soon<R> {
  return soon instanceof Promise ? soon.then(follow) : follow(soon);
}

/** What there is another way without: undefined where it cannot be known, as while the database is away, or not in time. */
export function ifKnown<T>(soon: Soon<T>): Soon<T | undefined> {
  return soon instanceof Promise ? inTime(soon, PATIENCE_MS).catch(undefinedWhereAway) : soon;
}

function undefinedWhereAway(error: unknown): undefined {
  if (!isStoreAway(error)) throw error;
}
