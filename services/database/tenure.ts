/** How often a lease is renewed in the time that it lasts. */
const RENEWALS = 3;

type TenureOptions = {
  ttlMs: number;
  /** When the lease was asked for, by `performance.now`: it lasts until its time after that, or longer. */
  renewedAt: number;
  /** Resolves with whether the lease was still this holder's, and now lasts for its time again. */
  renew: () => Promise<boolean>;
  release: () => Promise<void>;
};

/** Another may have the lease. */
export class LeaseLostError extends Error {
  constructor() {
    super("the lease is lost: it could not be renewed in time, or another process has it");
    this.name = "LeaseLostError";
  }
}

/** The time in which one holder has a lease. It is renewed until it ends. */
export class Tenure {
  readonly #options: TenureOptions;
  readonly #lost = new AbortController();
  readonly #renewing: NodeJS.Timeout;
  #expiring: NodeJS.Timeout | undefined;
  #lastsUntil = 0;

  constructor(options: TenureOptions) {
    this.#options = options;
    this.#extend(options.renewedAt);
    this.#renewing = setInterval(() => void this.#renew(), options.ttlMs / RENEWALS);
  }

  /** Aborts with a LeaseLostError as soon as another could have the lease. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether nobody else can have the lease now. Unlike `lost` it is right also while a process that stood still wakes. */
  get isHeld(): boolean {
    return performance.now() < this.#lastsUntil;
  }

  /** Gives the lease up. Where that fails, it expires. */
  async end(): Promise<void> {
    const wasHeld = this.isHeld;
    this.#stop();
    if (wasHeld) await this.#options.release().catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    try {
      const isRenewed = await this.#options.renew();
      if (!this.isHeld) return;
      if (isRenewed) this.#extend(askedAt);
      else this.#lose();
    } catch {
      // The next renewal may succeed; where none does in time, the lease is lost.
    }
  }

  #extend(renewedAt: number): void {
    clearTimeout(this.#expiring);
    this.#lastsUntil = renewedAt + this.#options.ttlMs;
    this.#expiring = setTimeout(() => this.#lose(), this.#lastsUntil - performance.now());
  }

  #lose(): void {
    this.#stop();
    this.#lost.abort(new LeaseLostError());
  }

  #stop(): void {
    clearInterval(this.#renewing);
    clearTimeout(this.#expiring);
    this.#lastsUntil = 0;
  }
}
