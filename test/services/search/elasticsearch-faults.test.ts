import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RealServer, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { RebuildScene } from "../indexer/rebuild-scene.ts";
import { openTestIndex } from "./elasticsearch-scene.ts";

const START = 180_000;
const TIMEOUT = { timeout: 240_000 };
const POLL = { timeout: 120_000 };

describeWithOwn(["elasticsearch"], "indexers of an Elasticsearch with faults", () => {
  let server: RealServer;
  let scene: RebuildScene;
  beforeAll(async () => {
    server = await startServer("elasticsearch");
  }, START);
  afterAll(() => server.stop(), START);
  beforeEach(async () => {
    scene = await RebuildScene.open(server.url);
  });
  afterEach(() => scene.close(), START);

  test("catch up after it was killed in mid-feed and away, and feed one index", TIMEOUT, async () => {
    const other = openTestIndex(server.url, scene.installation);
    scene.startIndexer();
    scene.startIndexer(other);
    for (let record = 0; record < 3; record++) await scene.write(1_500);
    await expect.poll(() => scene.index.position(), POLL).toBeGreaterThan(0);
    await server.kill();
    await scene.write(1_500);
    await expect(scene.found()).rejects.toThrow();
    await server.start();
    await expect.poll(() => scene.index.position().catch(() => 0), POLL).toBe(scene.horizon.position);
    const numbers = Array.from({ length: 6_000 }, (_, i) => 6_000 - i);
    expect(await foundInPages(scene)).toEqual(numbers);
    expect(await scene.indices()).toHaveLength(1);
    await other.close();
  });

  test("start while it is away, and make the index when it comes", TIMEOUT, async () => {
    await server.kill();
    scene.startIndexer();
    await scene.write(3);
    await server.start();
    await expect.poll(() => scene.found().catch(() => []), POLL).toEqual([3, 2, 1]);
  });

  test("make the index anew that is deleted under them", TIMEOUT, async () => {
    scene.startIndexer();
    await scene.write(3);
    await expect.poll(() => scene.found().catch(() => []), POLL).toEqual([3, 2, 1]);
    await scene.client.indices.delete({ index: await scene.indices() });
    await expect.poll(() => scene.found().catch(() => []), POLL).toEqual([3, 2, 1]);
  });
});

/** All messages that are found, page by page. */
async function foundInPages({ index, chat }: RebuildScene): Promise<number[]> {
  const numbers: number[] = [];
  let after: string | undefined;
  do {
    const terms = [{ kind: "word", text: "apple" } as const];
    const hits = await index.search({
      ...chat,
      order: "newest",
      limit: 500,
      terms,
      ...(after !== undefined && { after }),
    });
    numbers.push(...hits.map(({ number }) => number));
    after = hits.at(-1)?.cursor;
  } while (after !== undefined);
  return numbers;
}
