import { afterEach, beforeEach, expect, test } from "vitest";
import type { RebuildProgress } from "../../../services/indexer/index-rebuild.ts";
import { purge } from "../../../services/scheduler/purge.ts";
import { describeOn } from "../../servers/shared-server.ts";
import { messageNameOf, nameOf } from "../writer/writer-scene.ts";
import { deleteChatWrite, deleteMessageWrite, editWrite } from "../writes.ts";
import { RebuildScene } from "./rebuild-scene.ts";

const TIMEOUT = { timeout: 120_000 };
const POLL = { timeout: 60_000 };

describeOn("elasticsearch", "a rebuild of the search index", (server) => {
  let scene: RebuildScene;
  beforeEach(async () => {
    scene = await RebuildScene.open(server.url);
  });
  afterEach(() => scene.close());

  test("loses no change and no search while messages are written and searched", TIMEOUT, async () => {
    const indexer = scene.startIndexer();
    await scene.write(1_500);
    await scene.write(1_000);
    await expect.poll(() => scene.has(2_500), POLL).toBe(true);
    const [old] = await scene.indices();
    const isOver = new AbortController();
    const load = Promise.all([
      repeat(isOver.signal, () => scene.write(20)),
      repeat(isOver.signal, async () => {
        const numbers = [1, 1_250, 2_500];
        expect(await Promise.all(numbers.map((number) => scene.has(number)))).toEqual([true, true, true]);
      }),
    ]);
    await scene.rebuild();
    isOver.abort();
    const [written] = await load;
    const last = 2_500 + 20 * written;
    expect(written).toBeGreaterThan(0);
    await expect.poll(() => scene.has(last), POLL).toBe(true);
    const newest = Array.from({ length: 500 }, (_, i) => last - i);
    await expect.poll(() => scene.found(), POLL).toEqual(newest);
    expect(await scene.indices()).toHaveLength(1);
    expect(await scene.indices()).not.toContain(old);
    await expect.poll(() => indexer.position, POLL).toBe(scene.horizon.position);
  });

  test("goes on where it was when it was killed; until then the old index is searched and fed", TIMEOUT, async () => {
    scene.startIndexer();
    await scene.write(1_500);
    await scene.write(1_500);
    await expect.poll(() => scene.has(3_000), POLL).toBe(true);
    const seen: RebuildProgress[] = [];
    const kill = new Error("killed");
    const killed = scene.rebuild((progress) => {
      seen.push(progress);
      if (seen.length === 2) throw kill;
    });
    await expect(killed).rejects.toBe(kill);
    expect(await scene.indices()).toHaveLength(2);
    await scene.write(1);
    await expect.poll(() => scene.has(3_001), POLL).toBe(true);
    const again: RebuildProgress[] = [];
    await scene.rebuild((progress) => again.push(progress));
    expect(again[0]!.position).toBeGreaterThan(seen[1]!.position);
    expect(await scene.indices()).toHaveLength(1);
    for (const number of [1, 1_000, 2_001, 3_001]) expect(await scene.has(number)).toBe(true);
  });

  test("can be run twice at once", TIMEOUT, async () => {
    scene.startIndexer();
    await scene.write(1_500);
    await scene.write(1_500);
    await Promise.all([scene.rebuild(), scene.rebuild()]);
    await expect.poll(() => scene.has(3_000), POLL).toBe(true);
    expect(await scene.has(1)).toBe(true);
    expect(await scene.indices()).toHaveLength(1);
  });

  test("has what changed while it went on, without an indexer", TIMEOUT, async () => {
    await scene.write(1_500);
    let pages = 0;
    let changed: Promise<unknown> | undefined;
    await scene.rebuild(() => {
      if (pages++ > 0) return;
      changed = scene.writer.apply(
        editWrite(messageNameOf(scene.chat, 1), "pear"),
        deleteMessageWrite(messageNameOf(scene.chat, 2)),
      );
    });
    await changed;
    await scene.tell();
    scene.startIndexer();
    await expect.poll(() => scene.has(1), POLL).toBe(false);
    await expect.poll(() => scene.has(2), POLL).toBe(false);
    expect(await scene.has(3)).toBe(true);
  });

  test("keeps nothing of a chat that is deleted meanwhile, which the database keeps for so long", TIMEOUT, async () => {
    scene.startIndexer();
    await scene.write(1_500);
    await expect.poll(() => scene.has(1_500), POLL).toBe(true);
    const kill = new Error("killed");
    const killed = scene.rebuild(() => {
      throw kill;
    });
    await expect(killed).rejects.toBe(kill);
    await scene.writer.apply(deleteChatWrite(nameOf(scene.chat), { force: true, numbered: 1_500 }));
    await scene.tell();
    await expect.poll(() => scene.index.position(), POLL).toBe(scene.horizon.position);
    const { database } = scene.writer.stores;
    await purge(database, await scene.index.lowestPosition());
    expect(await database.chats.count()).toBe(1);
    await scene.rebuild();
    await purge(database, await scene.index.lowestPosition());
    expect(await database.chats.count()).toBe(0);
    expect(await scene.found()).toEqual([]);
  });

  test("takes the place of an index of another version", TIMEOUT, async () => {
    await scene.write(3);
    const old = `${scene.installation}_messages_v0_index_1`;
    await scene.client.indices.create({ index: old, aliases: { [`${scene.installation}_messages_v0`]: {} } });
    await scene.rebuild();
    expect(await scene.indices()).not.toContain(old);
    expect(await scene.found()).toEqual([3, 2, 1]);
  });

  test("begins anew where what it made is ahead of the database", TIMEOUT, async () => {
    await scene.write(1_500);
    const kill = new Error("killed");
    await expect(
      scene.rebuild(() => {
        throw kill;
      }),
    ).rejects.toBe(kill);
    const [index = ""] = await scene.indices();
    await scene.client.index({
      index,
      id: "position",
      routing: "-",
      version: 2 ** 50,
      version_type: "external",
      document: {},
    });
    await scene.rebuild();
    expect(await scene.indices()).toHaveLength(1);
    expect(await scene.indices()).not.toContain(index);
    expect(await scene.has(1_500)).toBe(true);
  });

  test("is not in the way of indexers that make the index themselves", TIMEOUT, async () => {
    await scene.write(5);
    scene.startIndexer();
    await scene.rebuild();
    await expect.poll(() => scene.found(), POLL).toEqual([5, 4, 3, 2, 1]);
  });
});

/** Does something again and again until the signal aborts. @returns how often */
async function repeat(signal: AbortSignal, work: () => Promise<void>): Promise<number> {
  let times = 0;
  while (!signal.aborted) {
    await work();
    times++;
  }
  return times;
}
