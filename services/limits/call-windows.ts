import { LRUCache } from "lru-cache";
import type { Charge, CountedCharge, Quota, Usage } from "./quota.ts";
import { TAKEN, type Take } from "./rate-limits.ts";

/** About 30 MB of windows. The one that was used longest ago makes room; its calls are forgotten where nobody was told. */
const WINDOWS_MAX = 100_000;
/** A quota is scarce when no more than this part of it is left. */
const SCARCE = 0.1;

/** Calls in a window of time. */
export type CallWindow = {
  count: number;
  /** Milliseconds since 1970. */
  endMs: number;
  /** Of the calls, those that no other process was told of. Below 0 where more were taken back. */
  untold: number;
  /** Whether others will be told. */
  isListed: boolean;
};

/** Told of every call that counts on a window, is taken back, or refused, which others may have reason to undo. */
export type OnCount = (key: string, window: CallWindow) => void;

/** The windows of this process, each from its first call on, whatever others count. */
export class CallWindows {
  readonly #windows = new LRUCache<string, CallWindow>({ max: WINDOWS_MAX });
  readonly #onCount: OnCount;

  /** @param onCount default: nobody is told */
  constructor(onCount: OnCount = () => {}) {
    this.#onCount = onCount;
  }

  /** As RateLimits has it. */
  take(charges: readonly Charge[]): Take {
    const now = Date.now();
    let scarce: Usage | undefined;
    for (let index = 0; index < charges.length; index++) {
      const { key, quota } = charges[index]!;
      const window = this.#windowOf(key, quota, now);
      const left = quota.max - window.count - 1;
      if (left < 0) return this.#refuse(charges, index, window, now);
      this.#add(key, window, 1);
      if (left > quota.max * SCARCE || (scarce !== undefined && left >= scarce.remaining)) continue;
      scarce = usageOf(quota, window.count, window.endMs - now);
    }
    return scarce === undefined ? TAKEN : { scarce };
  }

  /** Takes back what was counted before the charge that is refused. */
  #refuse(charges: readonly Charge[], refused: number, window: CallWindow, now: number): Take {
    for (const charge of charges.slice(0, refused)) this.giveBack(charge);
    const { key, quota } = charges[refused]!;
    this.#onCount(key, window);
    return { refused: usageOf(quota, window.count, window.endMs - now) };
  }

  /**
   * As RateLimits has it; nothing where the window is over.
   *
   * @param endMs when the window ends that counted the call. Default: that of the current one
   */
  giveBack({ key }: Charge, endMs?: number): void {
    const window = this.#windows.get(key);
    if (window === undefined || window.endMs <= Date.now() || window.count === 0) return;
    if (endMs === undefined || window.endMs === endMs) this.#add(key, window, -1);
  }

  /** A charge that was just taken, with the end of its window. */
  counted(charge: Charge): CountedCharge {
    return { ...charge, endMs: this.#windows.peek(charge.key)?.endMs ?? 0 };
  }

  /** The next call begins a window. */
  forget({ key }: Charge): void {
    this.#windows.delete(key);
  }

  /** Whether a window is the current one of its key. */
  isCurrent(key: string, window: CallWindow): boolean {
    return window.endMs > Date.now() && this.#windows.peek(key) === window;
  }

  #windowOf(key: string, quota: Quota, now: number): CallWindow {
    const known = this.#windows.get(key);
    if (known !== undefined && known.endMs > now) return known;
    const begun = { count: 0, endMs: now + quota.windowMs, untold: 0, isListed: false };
    this.#windows.set(key, begun);
    return begun;
  }

  #add(key: string, window: CallWindow, calls: number): void {
    window.count += calls;
    window.untold += calls;
    this.#onCount(key, window);
  }
}

/** What is left of a quota after so many calls. */
export function usageOf(quota: Quota, count: number, resetMs: number): Usage {
  return { quota, remaining: Math.max(quota.max - count, 0), resetMs: Math.max(resetMs, 0) };
}
