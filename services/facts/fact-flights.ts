import { concerns, type FactName, type FactOf, formatFactName } from "./fact-name.ts";
import type { FactChange } from "./facts.ts";

type Flight = { name: FactName; result: Promise<unknown> };

/** Looks facts up. It is told whether they are still what they were when it began. */
type LookUp<Name extends FactName> = (isInForce: () => boolean) => Promise<FactOf<Name>>;

/** Look-ups of facts that are under way: who asks for the same shares one, unless they changed since it began. */
export class FactFlights {
  readonly #flights = new Map<string, Flight>();

  /** The result of the look-up under way, or of a new one. */
  join<Name extends FactName>(name: Name, lookUp: LookUp<Name>): Promise<FactOf<Name>> {
    const key = formatFactName(name);
    const running = this.#flights.get(key);
    if (!running) return this.#begin(key, name, lookUp);
    // It may have begun before what it did not find was created, and that answered.
    return (running.result as Promise<FactOf<Name>>).then((found) => found ?? this.#after(running, key, name, lookUp));
  }

  /** From now on nobody joins the look-ups of what changed. */
  void(changes: readonly FactChange[]): void {
    for (const [key, { name }] of this.#flights) {
      if (changes.some((change) => concerns(change, name))) this.#flights.delete(key);
    }
  }

  voidAll(): void {
    this.#flights.clear();
  }

  /** Of those who waited in vain, all share the next. */
  #after<Name extends FactName>(over: Flight, key: string, name: Name, lookUp: LookUp<Name>): Promise<FactOf<Name>> {
    const running = this.#flights.get(key);
    if (!running || running === over) return this.#begin(key, name, lookUp);
    return running.result as Promise<FactOf<Name>>;
  }

  #begin<Name extends FactName>(key: string, name: Name, lookUp: LookUp<Name>): Promise<FactOf<Name>> {
    const isInForce = () => this.#flights.get(key) === flight;
    const result = lookUp(isInForce).finally(() => {
      if (isInForce()) this.#flights.delete(key);
    });
    const flight: Flight = { name, result };
    this.#flights.set(key, flight);
    return result;
  }
}
