import type { DescField, DescMethod, Message } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as IdempotencyLevel } from "@bufbuild/protobuf/wkt";

/** Attempts of one call, the first included. */
export const MAX_ATTEMPTS = 3;

/** Retries that may be made at once, after which they are at most a tenth of the calls. */
const MAX_TOKENS = 100;
const TOKENS_A_CALL = 0.1;

/** Keeps the retries of all calls a small part of them, so that servers in trouble do not get more of it. */
export class RetryBudget {
  #tokens = MAX_TOKENS;

  /** A call has begun. */
  earn(): void {
    this.#tokens = Math.min(this.#tokens + TOKENS_A_CALL, MAX_TOKENS);
  }

  /** Whether a retry may be made, which is counted. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** Which calls have the same effect when they are made twice. */
export class Idempotency {
  readonly #fields = new Map<DescMethod, DescField | undefined>();

  /**
   * Whether a call may be repeated although it may have been done: one without side effects, and one whose request has a
   * `request_id` (https://google.aip.dev/155).
   */
  isIdempotent(method: DescMethod, request: Message): boolean {
    if (method.idempotency === IdempotencyLevel.NO_SIDE_EFFECTS) return true;
    if (method.idempotency === IdempotencyLevel.IDEMPOTENT) return true;
    const field = this.#requestIdField(method);
    return field !== undefined && Boolean((request as unknown as Record<string, unknown>)[field.localName]);
  }

  #requestIdField(method: DescMethod): DescField | undefined {
    if (!this.#fields.has(method)) {
      const field = method.input.fields.find(({ name, fieldKind }) => name === "request_id" && fieldKind === "scalar");
      this.#fields.set(method, field);
    }
    return this.#fields.get(method);
  }
}
