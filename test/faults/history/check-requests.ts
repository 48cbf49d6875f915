import type { Attempted } from "./attempts.ts";
import { originOf } from "./resource.ts";
import type { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";

const REUSED = "AlreadyExists";

/** One create a request_id within its time; a retry is never taken for another request. */
export function checkRequests({ creates, shownByOrigin }: Scene, requestTtlMs: number): Violation[] {
  const asked = creates.filter(({ requestId }) => requestId !== "");
  const byRequest = Map.groupBy(asked, ({ parent, requestId }) => `${parent} ${requestId}`);
  const isStored = ({ create, outcome }: Attempted) => outcome === "ok" || shownByOrigin.has(originOf(create, 0));
  return [...byRequest.values()].flatMap((sharing) => {
    if (sharing.length === 1) return findRefusedRetry(sharing[0]!);
    return findSharing(sharing.filter(isStored), requestTtlMs);
  });
}

function findRefusedRetry({ create, parent, attempts }: Attempted): Violation[] {
  if (!attempts.some(({ code }) => code === REUSED)) return [];
  return [{ kind: "lost", text: `a retry of ${create} in ${parent} was refused as if it were another request` }];
}

/** Creates that began while the request_id still meant an earlier one. `sharing` is in the order of their beginnings. */
function findSharing(sharing: readonly Attempted[], requestTtlMs: number): Violation[] {
  return sharing.slice(1).flatMap((create, index): Violation[] => {
    const earlier = sharing[index]!;
    const made = Math.min(...create.attempts.filter(({ outcome }) => outcome !== "failed").map(({ end }) => end));
    if (made >= earlier.start + requestTtlMs) return [];
    const text = `the request_id ${create.requestId} in ${create.parent} made ${earlier.create} and ${create.create}`;
    return [{ kind: "duplicated", text }];
  });
}
