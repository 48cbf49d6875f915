/** How often a cache had so far what was asked for, and how often it had not. */
export type Reads = { hit: number; miss: number };

/**
 * How many reads of messages an api answered so far from the recent messages alone, and how many from the database.
 *
 * @param address `http://host:port` of the private port of an api. Rejects where its metrics do not tell.
 */
export async function readRecentReads(address: string): Promise<Reads> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const read = (result: keyof Reads) => {
    const line = new RegExp(`^parley_recent_reads_total{result="${result}"} (\\d+)$`, "m").exec(text);
    if (!line) throw new Error(`the metrics of ${address} do not tell of reads`);
    return Number(line[1]);
  };
  return { hit: read("hit"), miss: read("miss") };
}

/** The share of hits, in percent, of the reads between two looks. */
export function hitPercent(before: Reads, after: Reads): number {
  const [hits, misses] = [after.hit - before.hit, after.miss - before.miss];
  return (100 * hits) / (hits + misses);
}
