/** What was waited for did not come in time. */
export class LateError extends Error {
  constructor(ms: number) {
    super(`it took more than ${ms} ms`);
    this.name = "LateError";
  }
}

/** Settles as the promise does, or rejects with a LateError where that takes more milliseconds than these. */
export async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new LateError(ms)), ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
