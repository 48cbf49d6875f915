import { Client } from "@elastic/elasticsearch";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type BulkTarget, type BulkWrite, writeBulk } from "../../../services/search/elasticsearch-bulk.ts";
import { type AnswerBulk, BulkServer } from "./bulk-server.ts";

const STORED = { status: 201 };
const CONFLICT = { status: 409, type: "version_conflict_engine_exception" };
const BUSY = { status: 429, type: "es_rejected_execution_exception" };
const AWAY = { status: 503, type: "unavailable_shards_exception" };
const REFUSED = { status: 400, type: "document_parsing_exception" };
const WRONG_MAPPING = { status: 400, type: "strict_dynamic_mapping_exception" };

describe("a bulk write", () => {
  test("takes a conflict of versions for stored", async () => {
    const { target, server } = await open((ids) => ids.map((id) => (id === "2" ? CONFLICT : STORED)));
    await writeBulk(target, writes(3));
    expect(server.requests).toEqual([["1", "2", "3"]]);
  });

  test("sends only what failed again, after ever longer waits", async () => {
    let request = 0;
    const { target, server } = await open((ids) => {
      request++;
      return ids.map((id) => (Number(id) > request ? [BUSY, AWAY][Number(id) % 2]! : STORED));
    });
    const start = performance.now();
    await writeBulk(target, writes(4));
    expect(server.requests).toEqual([["1", "2", "3", "4"], ["2", "3", "4"], ["3", "4"], ["4"]]);
    expect(performance.now() - start).toBeGreaterThan(300);
  });

  test("sends all again where the cluster takes no request", async () => {
    let request = 0;
    const { target, server } = await open((ids) => (request++ < 2 ? BUSY : ids.map(() => STORED)));
    await writeBulk(target, writes(2));
    expect(server.requests).toEqual([
      ["1", "2"],
      ["1", "2"],
      ["1", "2"],
    ]);
  });

  test("fails where the cluster stays busy", async () => {
    const { target, server } = await open((ids) => ids.map((id) => (id === "1" ? STORED : BUSY)));
    await expect(writeBulk(target, writes(2))).rejects.toMatchObject({ status: 429, type: BUSY.type });
    expect(server.requests).toEqual([["1", "2"], ...Array.from({ length: 6 }, () => ["2"])]);
  });

  test("leaves a document out that is refused for its content, and says which", async () => {
    const { target, server, error } = await open((ids) => ids.map((id) => (id === "2" ? REFUSED : STORED)));
    await writeBulk(target, writes(3));
    expect(server.requests).toHaveLength(1);
    expect(error.mock.calls.map(([fields]) => fields)).toEqual([{ mark: 20 }]);
  });

  test("leaves nothing out where it is the index that is wrong", async () => {
    const { target, error } = await open((ids) => ids.map(() => WRONG_MAPPING));
    await expect(writeBulk(target, writes(2))).rejects.toMatchObject({ type: WRONG_MAPPING.type });
    expect(error).not.toHaveBeenCalled();
  });

  test("fails at once where the index is gone", async () => {
    const { target, server } = await open(() => ({ status: 404, type: "index_not_found_exception" }));
    await expect(writeBulk(target, writes(1))).rejects.toSatisfy((failure) => failure.isIndexMissing());
    expect(server.requests).toHaveLength(1);
  });

  test("ends its waits when it is stopped", async () => {
    const stop = new AbortController();
    const { target } = await open((ids) => {
      setImmediate(() => stop.abort(new Error("stopped")));
      return ids.map(() => BUSY);
    });
    await expect(writeBulk({ ...target, signal: stop.signal }, writes(1))).rejects.toThrow("stopped");
  });

  test("is several requests where it is large", async () => {
    const { target, server } = await open((ids) => ids.map(() => STORED));
    await writeBulk(target, writes(2_500));
    await writeBulk(target, writes(3, "x".repeat(3_000_000)));
    await writeBulk(target, []);
    expect(server.requests.map(({ length }) => length)).toEqual([1_000, 1_000, 500, 1, 1, 1]);
  });
});

async function open(answer: AnswerBulk) {
  const server = new BulkServer(answer);
  const client = new Client({ node: await server.listen(), maxRetries: 0 });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const error = vi.fn();
  const { signal } = new AbortController();
  const target: BulkTarget = { client, index: "messages", log: { error } as never, refresh: false, signal };
  return { target, server, error };
}

/** Writes 1, 2, 3 … of versions 10, 20, 30 … */
function writes(count: number, body = "apple"): BulkWrite[] {
  return Array.from({ length: count }, (_, i) => ({
    address: { _id: `${i + 1}`, routing: "a" },
    version: 10 * (i + 1),
    document: { body },
  }));
}
