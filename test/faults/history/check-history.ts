import { checkAgreement } from "./check-agreement.ts";
import { checkCreates } from "./check-creates.ts";
import { checkDeadLetters } from "./check-dead-letters.ts";
import { checkEtags } from "./check-etags.ts";
import { checkHoles } from "./check-holes.ts";
import { checkOrder } from "./check-order.ts";
import { checkReads } from "./check-reads.ts";
import { checkRequests } from "./check-requests.ts";
import { checkSubscribers } from "./check-subscribers.ts";
import type { History } from "./history.ts";
import type { State } from "./resource.ts";
import { createScene } from "./scene.ts";
import type { Violation } from "./violation.ts";

export type CheckOptions = {
  /** How long a request_id is remembered, in milliseconds. */
  requestTtlMs: number;
  /** Whether the database may refuse what has this state; nothing by default. */
  isPoison?: (state: State) => boolean;
};

/** Every way in which a history breaks what Parley promises, each with a counter-example; none where it keeps to it. */
export function checkHistory(history: History, { requestTtlMs, isPoison = () => false }: CheckOptions): Violation[] {
  const scene = createScene(history);
  return [
    ...checkCreates(scene),
    ...checkRequests(scene, requestTtlMs),
    ...checkOrder(scene),
    ...checkHoles(scene),
    ...checkReads(scene),
    ...checkEtags(scene),
    ...checkSubscribers(scene),
    ...checkAgreement(scene),
    ...checkDeadLetters(scene, isPoison),
  ];
}
