import { type Arrival, makeArrivals } from "./arrivals.ts";
import { type LoopReport, runArrivals } from "./open-loop.ts";
import { UnaryClient } from "./unary-client.ts";
import { UserCalls } from "./user-calls.ts";

/** What the users of one process do, and where. */
export type WorkerPlan = {
  /** `host:port` of an api. */
  address: string;
  key: string;
  /** The application's name. */
  parent: string;
  connections: number;
  pageSize: number;
  users: number;
  /** Calls per second of these users. */
  rate: number;
  chats: number;
  /** Chats with the numbers up to this one are held among the recent messages. */
  heldChats: number;
  /** How many messages they have, and how many the others. */
  sizes: { held: number; other: number };
};

/** A run that a process is asked for. */
export type WorkerRun = { seed: number; seconds: number; beginMs: number };

/** Creates, reads of chats that are held, and of others. */
export const CALL_CLASSES = ["create", "cached", "database"] as const;
export type WorkerReport = LoopReport<(typeof CALL_CLASSES)[number]>;

/**
 * A process of its own that calls as users do: its plan is on the command line; it says "ready" when it is connected, and
 * answers each run that it is sent with a report. It ends with the channel to who started it.
 */
async function main(plan: WorkerPlan): Promise<void> {
  const { address, key, connections, parent, pageSize, rate, users, chats, heldChats, sizes } = plan;
  const client = await UnaryClient.connect(address, key, connections);
  const isHeld = (chat: number) => chat <= heldChats;
  const sizeOf = (chat: number) => (isHeld(chat) ? sizes.held : sizes.other);
  const calls = new UserCalls({ client, parent, pageSize, sizeOf });
  const kindOf = ({ kind, chat }: Arrival) => (kind === "create" ? kind : isHeld(chat) ? "cached" : "database");
  process.on("message", async ({ seed, seconds, beginMs }: WorkerRun) => {
    const arrivals = makeArrivals({ seed, rate, seconds, users, chats });
    const call = (arrival: Arrival) => calls.make(arrival);
    process.send!(await runArrivals(arrivals, beginMs, { call, kinds: CALL_CLASSES, kindOf }));
  });
  process.on("disconnect", () => process.exit(0));
  process.send!("ready");
}

if (import.meta.main) await main(JSON.parse(process.argv[2]!) as WorkerPlan);
