import { describe, expect, onTestFinished, test } from "vitest";
import { createCacheCounts } from "../../../services/facts/cache-report.ts";
import {
  createOperationsServer,
  type OperationsServerOptions,
} from "../../../services/observability/operations-server.ts";

/** Status and body of what a server answers. */
async function ask(path: string, options: Partial<OperationsServerOptions>): Promise<[status: number, body: string]> {
  const server = createOperationsServer({ ready: () => true, closeTimeoutMs: 0, ...options });
  onTestFinished(() => server.close());
  const { statusCode, body } = await server.inject(path);
  return [statusCode, body];
}

describe("the operations' port", () => {
  test.each(["/healthz", "/health"])("%s says that the process lives, whatever is away", async (path) => {
    expect(await ask(path, { ready: () => false })).toEqual([200, '{"status":"ok"}']);
  });

  test.each([
    [true, true, 200, "ready"],
    [true, false, 503, "not ready"],
    [false, true, 503, "not ready"],
  ])("/readyz, where the role works: %s, and what it needs is there: %s", async (ready, suffices, code, status) => {
    const states = { mysql: suffices ? "up" : "down" };
    const options = { ready: () => ready, dependencies: async () => ({ states, suffices }) };
    expect(await ask("/readyz", options)).toEqual([code, JSON.stringify({ status, dependencies: states })]);
  });

  test("/readyz of a role without dependencies tells of none", async () => {
    expect(await ask("/readyz", {})).toEqual([200, '{"status":"ready"}']);
  });

  test("/metrics is there where metrics are", async () => {
    const metrics = { contentType: "text/plain", render: async () => "a 1\n" };
    expect(await ask("/metrics", { metrics })).toEqual([200, "a 1\n"]);
    expect((await ask("/metrics", {}))[0]).toBe(404);
  });

  test("/cache/stats is there where caches are", async () => {
    const caches = () => ({ entries: 3, counts: createCacheCounts() });
    expect(await ask("/cache/stats", { caches })).toEqual([200, expect.stringContaining('"user":{"hits":0,')]);
    expect((await ask("/cache/stats", {}))[0]).toBe(404);
  });

  test("takes no calls", async () => {
    expect((await ask("/v1/applications", {}))[0]).toBe(404);
  });
});
