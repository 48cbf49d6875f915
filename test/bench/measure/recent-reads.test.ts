import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hitPercent, readRecentReads } from "../../../bench/measure/recent-reads.ts";
import { Metrics } from "../../../services/observability/metrics.ts";

const metrics = new Metrics();
const server = createServer(async (_request, response) => response.end(await metrics.render()));
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("the hit rate is read from an api's metrics", async () => {
  await expect(readRecentReads(address)).rejects.toThrow("do not tell of reads");
  const reads = { hit: 10, miss: 7 };
  metrics.watch({ recentReads: () => reads });
  const before = await readRecentReads(address);
  reads.hit += 9;
  reads.miss += 3;
  expect([before, hitPercent(before, await readRecentReads(address))]).toEqual([{ hit: 10, miss: 7 }, 75]);
});
