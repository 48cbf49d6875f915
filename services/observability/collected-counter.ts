import { Counter, type Registry } from "prom-client";

/** A counter that something else keeps as numbers, which are cheaper to raise than a counter with labels. */
export type CollectedCounter = {
  name: string;
  help: string;
  /** What tells its numbers apart. */
  label: string;
  /** The numbers since the start, by the label's values. */
  read(): Readonly<Record<string, number>>;
};

/** Adds a counter that is read at each collection. */
export function countAtCollection(registry: Registry, { name, help, label, read }: CollectedCounter): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
    },
  });
}
