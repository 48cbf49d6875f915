import { abortableDelay } from "../process/abortable-delay.ts";
import { repeatWithBackOff } from "../process/back-off.ts";
import type { Lease } from "./lease.ts";

/** How often a lease that another has is asked for, in the time that it lasts. */
const ATTEMPTS = 3;

/** What a leader does, and who hears of failures. */
export type LeadershipOptions = {
  /** What only one process at a time may do. It ends when the signal aborts: the lease is lost, or the process stops. */
  work: (signal: AbortSignal) => Promise<void>;
  /** Told of each failure, of the work or of the database, and of the wait that follows, in milliseconds. */
  failed: (error: unknown, waitMs: number) => void;
};

/** Does the work whenever this process has the lease, until the signal aborts. The lease is free once it resolves. */
export function lead(lease: Lease, { work, failed }: LeadershipOptions, signal: AbortSignal): Promise<void> {
  const term = async () => {
    const tenure = await lease.take();
    if (!tenure) return abortableDelay(lease.ttlMs / ATTEMPTS, signal);
    try {
      await work(AbortSignal.any([tenure.lost, signal]));
    } finally {
      await tenure.end();
    }
  };
  return repeatWithBackOff(term, signal, failed);
}
