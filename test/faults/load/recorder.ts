import type { Call, Operation } from "../history/operation.ts";
import { outcomeOf } from "./outcome.ts";

/** An operation without what is known only once its call ended. */
type Begun<T extends Operation> = Omit<T, keyof Call>;

/** What a call is before it is made, what it becomes when it is answered, and what it is otherwise. */
type Recorded<T extends Operation, Answer> = {
  begun: Begun<T>;
  call: () => Promise<Answer>;
  /** What the answer adds. */
  tell: (answer: Answer) => Partial<Begun<T>>;
};

/** Writes down what callers do and what they are told, by one clock. */
export class Recorder {
  readonly operations: Operation[] = [];
  readonly #watchers = new Set<(operation: Operation) => void>();

  /** Milliseconds, with microseconds behind the point. */
  now(): number {
    return Math.round(performance.now() * 1_000) / 1_000;
  }

  /** Makes a call and writes it down. */
  async record<T extends Operation, Answer>({ begun, call, tell }: Recorded<T, Answer>): Promise<T> {
    const start = this.now();
    try {
      const answer = await call();
      return this.#add({ ...begun, ...tell(answer), start, end: this.now(), outcome: "ok" } as T);
    } catch (error) {
      const end = this.now();
      return this.#add({ ...begun, start, end, ...outcomeOf(error) } as T);
    }
  }

  /** Resolves with the time of the first create that is answered from now on; rejects where none is in time. */
  nextAnswer(timeoutMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const watcher = ({ kind, outcome, end }: Operation) => {
        if (kind !== "create" || outcome !== "ok") return;
        done();
        resolve(end);
      };
      const done = () => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`no create was answered within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#watchers.add(watcher);
    });
  }

  #add<T extends Operation>(operation: T): T {
    this.operations.push(operation);
    for (const watcher of this.#watchers) watcher(operation);
    return operation;
  }
}
