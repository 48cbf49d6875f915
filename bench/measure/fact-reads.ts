import type { Reads } from "./recent-reads.ts";

/**
 * How many facts that decisions rest on an api had in its own memory so far, and how many it looked up.
 *
 * @param address `http://host:port` of the private port of an api. Rejects where its metrics do not tell.
 */
export async function readFactReads(address: string): Promise<Reads> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const sum = (name: string) => {
    const lines = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, "gm"))];
    if (lines.length === 0) throw new Error(`the metrics of ${address} do not tell of facts`);
    return lines.reduce((total, [, count]) => total + Number(count), 0);
  };
  return { hit: sum("parley_cache_hits_total"), miss: sum("parley_cache_misses_total") };
}
