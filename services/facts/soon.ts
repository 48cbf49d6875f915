import type { Soon } from "./facts.ts";

/** What follows from something: at once where that is known. */
export function whenKnown<T, R>(soon: Soon<T>, follow: (value: T) => Promise<R>): Promise<R>;
export function whenKnown<T, R>(soon: Soon<T>, follow: (value: T) => Soon<R>): Soon<R>;
export function whenKnown<T, R>(soon: Soon<T>, follow: (value: T) => Soon<R>): Soon<R> {
  return soon instanceof Promise ? soon.then(follow) : follow(soon);
}
