import type { ContextKey, ContextValues } from "@connectrpc/connect";

/** What interceptors tell each other and the handler of a call. One object, where Connect's own makes four a call. */
export class CallValues implements ContextValues {
  readonly #values: Record<symbol, unknown> = {};

  get<T>({ id, defaultValue }: ContextKey<T>): T {
    return id in this.#values ? (this.#values[id] as T) : defaultValue;
  }

  set<T>({ id }: ContextKey<T>, value: T): this {
    this.#values[id] = value;
    return this;
  }

  delete({ id }: ContextKey<unknown>): this {
    delete this.#values[id];
    return this;
  }
}
