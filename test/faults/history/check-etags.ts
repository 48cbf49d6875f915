import type { Edit } from "./operation.ts";
import type { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";

/** Of the edits that were made of one etag, one was answered at most. */
export function checkEtags({ operations }: Scene): Violation[] {
  const answered = operations.filter(
    (operation): operation is Edit =>
      operation.kind === "edit" && operation.outcome === "ok" && operation.etag !== undefined,
  );
  const byEtag = Map.groupBy(answered, ({ name, etag }) => `${name} with the etag ${etag}`);
  return [...byEtag].flatMap(([what, edits]): Violation[] => {
    if (edits.length === 1) return [];
    return [{ kind: "lost", text: `${what} was edited to ${edits.map(({ state }) => state).join(" and to ")}` }];
  });
}
