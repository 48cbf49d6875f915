/** How many reads of messages an api answered so far from the recent messages alone, and how many from the database. */
export type RecentReads = { hit: number; miss: number };

/** @param address `http://host:port` of the private port of an api. Rejects where its metrics do not tell. */
export async function readRecentReads(address: string): Promise<RecentReads> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const read = (result: keyof RecentReads) => {
    const line = new RegExp(`^parley_recent_reads_total{result="${result}"} (\\d+)$`, "m").exec(text);
    if (!line) throw new Error(`the metrics of ${address} do not tell of reads`);
    return Number(line[1]);
  };
  return { hit: read("hit"), miss: read("miss") };
}

/** The share of hits, in percent, of the reads between two looks. */
export function hitPercent(before: RecentReads, after: RecentReads): number {
  const [hits, misses] = [after.hit - before.hit, after.miss - before.miss];
  return (100 * hits) / (hits + misses);
}
