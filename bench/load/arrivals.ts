import { createSeededRandom } from "../../test/seeded-random.ts";
import { Zipf } from "./zipf.ts";

/** What users do: in ten calls, one create, six lists and three gets. */
export type CallKind = "create" | "list" | "get";

/** A call that a user makes at a time which is fixed beforehand. */
export type Arrival = { atMs: number; user: number; kind: CallKind; chat: number };

export type ArrivalsOptions = {
  seed: number;
  /** Calls per second, of all users together. */
  rate: number;
  seconds: number;
  users: number;
  chats: number;
};

/** Shares of all calls, summed up. */
const [CREATES, AND_LISTS] = [0.1, 0.7] as const;

/**
 * A schedule of calls of users who do not wait for each other, nor for answers: their times are a Poisson process, their
 * chats drawn by Zipf's law. A slow answer therefore delays no later call, and the time that a call had to wait for its
 * turn counts as part of how long it took (Tene, How NOT to Measure Latency, 2013: coordinated omission).
 */
export function makeArrivals({ seed, rate, seconds, users, chats }: ArrivalsOptions): Arrival[] {
  const random = createSeededRandom(seed);
  const uniform = () => random.below(2 ** 32) / 2 ** 32;
  const zipf = new Zipf(chats);
  const arrivals: Arrival[] = [];
  for (let atMs = 0; ; ) {
    atMs += (-Math.log(1 - uniform()) / rate) * 1_000;
    if (atMs >= seconds * 1_000) return arrivals;
    const share = uniform();
    const kind = share < CREATES ? "create" : share < AND_LISTS ? "list" : "get";
    arrivals.push({ atMs, user: random.below(users), kind, chat: zipf.draw(uniform()) });
  }
}
