import type { FaultCase } from "../trial/fault-case.ts";
import { ABSENCE_CASES } from "./absences.ts";
import { CHANGE_CASES } from "./changes.ts";
import { EMBEDDED_CASES } from "./embedded.ts";
import { KILL_CASES } from "./kills.ts";
import { NATS_LEADER } from "./nats-cluster.ts";
import { QUEUE_CASES } from "./queue.ts";
import { REDIS_FAILOVER } from "./redis-failover.ts";
import { REDIS_LOSS_CASES } from "./redis-losses.ts";
import { REQUEST_CASES } from "./requests.ts";
import { STOP_CASES } from "./stops.ts";
import { WRITING_CASES } from "./writing.ts";

/** Every case, in the order in which they run. Each starts what it says it happens to, and no other is given it. */
export const FAULT_CASES = [
  ...KILL_CASES,
  ...STOP_CASES,
  ...ABSENCE_CASES,
  ...QUEUE_CASES,
  NATS_LEADER,
  ...REDIS_LOSS_CASES,
  REDIS_FAILOVER,
  ...WRITING_CASES,
  ...REQUEST_CASES,
  ...CHANGE_CASES,
  ...EMBEDDED_CASES,
] as readonly FaultCase[];
