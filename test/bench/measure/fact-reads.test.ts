import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFactReads } from "../../../bench/measure/fact-reads.ts";

let metrics = "";
const server = createServer((_request, response) => response.end(metrics));
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("what an api's metrics tell of each kind of facts is summed up", async () => {
  await expect(readFactReads(address)).rejects.toThrow("do not tell of facts");
  metrics = `# HELP parley_cache_hits_total Facts.
parley_cache_hits_total{kind="user"} 40
parley_cache_hits_total{kind="chat"} 2
parley_cache_misses_total{kind="user"} 1
parley_cache_misses_total{kind="chat"} 6
`;
  expect(await readFactReads(address)).toEqual({ hit: 42, miss: 7 });
});
