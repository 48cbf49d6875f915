import type { Deletion, Operation } from "./operation.ts";
import { ancestorsOf, isChat } from "./resource.ts";

/** The deletions that may have taken chats and applications away, with everything below them. */
export class Removals {
  readonly #byName: Map<string, Deletion[]>;

  constructor(operations: readonly Operation[]) {
    const deletions = operations.filter(
      (operation): operation is Deletion => operation.kind === "delete" && operation.outcome !== "failed",
    );
    const whole = deletions.filter(({ name }) => isChat(name) || ancestorsOf(name).length === 0);
    this.#byName = Map.groupBy(whole, ({ name }) => name);
  }

  /** Those of the resource itself, a chat or an application, and of what it is in. */
  of(name: string): Deletion[] {
    return [name, ...ancestorsOf(name)].flatMap((each) => this.#byName.get(each) ?? []);
  }

  /** Whether what was created from `start` on may have gone with a deletion: not where that was answered before. */
  explain(name: string, start: number): boolean {
    return this.of(name).some(({ outcome, end }) => outcome === "unknown" || start < end);
  }
}
