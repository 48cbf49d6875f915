import { Code } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { createCacheCounts } from "../../../services/facts/cache-report.ts";
import { createCallLog, type FinishedCall, traceIdOf } from "../../../services/observability/call-log.ts";
import { Metrics } from "../../../services/observability/metrics.ts";

const CALL: FinishedCall = {
  method: "parley.v1.ChatService/GetChat",
  protocol: "grpc",
  code: undefined,
  durationMs: 1.23456,
  requestId: "r",
};

/** The value of a metric that has these labels. */
async function readMetric(metrics: Metrics, name: string, ...labels: string[]): Promise<number | undefined> {
  const lines = (await metrics.render()).split("\n").filter((line) => line.match(/^\w+/)?.[0] === name);
  const line = lines.find((text) => labels.every((label) => text.includes(`="${label}"`)));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

describe("metrics", () => {
  test("count calls by method, code and protocol, and measure them in seconds", async () => {
    const metrics = new Metrics();
    metrics.observeCall(CALL);
    metrics.observeCall({ ...CALL, code: Code.NotFound, durationMs: 2_000 });
    expect(await readMetric(metrics, "parley_requests_total", CALL.method, "OK", "grpc")).toBe(1);
    expect(await readMetric(metrics, "parley_requests_total", CALL.method, "NotFound", "grpc")).toBe(1);
    const sum = await readMetric(metrics, "parley_request_duration_seconds_sum", CALL.method, "grpc");
    expect(sum).toBeCloseTo(2.001, 3);
  });

  test("tell of groups and dead letters", async () => {
    const metrics = new Metrics();
    metrics.observeGroup({ messages: 3, bytes: 400 });
    metrics.observeGroup({ messages: 5, bytes: 600 });
    metrics.countDeadLetter();
    expect(await readMetric(metrics, "parley_group_messages_sum")).toBe(8);
    expect(await readMetric(metrics, "parley_group_bytes_count")).toBe(2);
    expect(await readMetric(metrics, "parley_dead_letters_total")).toBe(1);
  });

  test("count refused calls by their limit", async () => {
    const metrics = new Metrics();
    for (const limit of ["slow-mode", "login-account", "slow-mode"]) metrics.countRefusal(limit);
    expect(await readMetric(metrics, "parley_rate_limited_total", "slow-mode")).toBe(2);
    expect(await readMetric(metrics, "parley_rate_limited_total", "login-account")).toBe(1);
  });

  test("count mails that are not sent by what became of them", async () => {
    const metrics = new Metrics();
    for (const outcome of ["given_up", "refused", "given_up"] as const) metrics.countUnsentMail(outcome);
    expect(await readMetric(metrics, "parley_unsent_mails_total", "given_up")).toBe(2);
    expect(await readMetric(metrics, "parley_unsent_mails_total", "refused")).toBe(1);
  });

  test("read what they watch at each collection", async () => {
    const metrics = new Metrics();
    let records = 4;
    const backlog = async () => ({ records, bytes: 10 * records });
    metrics.watch({ backlog, pendingWrites: () => 2, indexLag: () => 1 });
    expect(await readMetric(metrics, "parley_queue_records")).toBe(4);
    records = 5;
    expect(await readMetric(metrics, "parley_queue_records")).toBe(5);
    expect(await readMetric(metrics, "parley_queue_bytes")).toBe(50);
    expect(await readMetric(metrics, "parley_pending_writes")).toBe(2);
    expect(await readMetric(metrics, "parley_index_lag_records")).toBe(1);
    expect(await readMetric(metrics, "process_cpu_seconds_total")).toBeGreaterThanOrEqual(0);
    expect(metrics.contentType).toContain("text/plain");
  });

  test("tell what the recent messages answered, as it is at each collection", async () => {
    const metrics = new Metrics();
    const reads = { hit: 4, miss: 1 };
    metrics.watch({ recentReads: () => reads });
    expect(await readMetric(metrics, "parley_recent_reads_total", "hit")).toBe(4);
    reads.hit++;
    expect(await readMetric(metrics, "parley_recent_reads_total", "hit")).toBe(5);
    expect(await readMetric(metrics, "parley_recent_reads_total", "miss")).toBe(1);
  });

  test("tell how well the cache of facts does, by the kind of fact", async () => {
    const metrics = new Metrics();
    const counts = createCacheCounts();
    metrics.watch({ cache: () => counts });
    counts.member.hits = 7;
    counts.user.evictions = 1;
    expect(await readMetric(metrics, "parley_cache_hits_total", "member")).toBe(7);
    expect(await readMetric(metrics, "parley_cache_misses_total", "member")).toBe(0);
    expect(await readMetric(metrics, "parley_cache_evictions_total", "user")).toBe(1);
  });

  test("of the queue are read with one call a collection", async () => {
    const metrics = new Metrics();
    const backlog = vi.fn(async () => ({ records: 1, bytes: 2 }));
    metrics.watch({ backlog });
    await metrics.render();
    expect(backlog).toHaveBeenCalledTimes(1);
    await metrics.render();
    expect(backlog).toHaveBeenCalledTimes(2);
  });

  test("keep what they last were where it cannot be read, and the others are told", async () => {
    const metrics = new Metrics();
    const backlog = vi.fn(async () => ({ records: 7, bytes: 70 }));
    metrics.watch({ backlog, pendingWrites: () => 2 });
    await metrics.render();
    backlog.mockRejectedValue(new Error("away"));
    expect(await readMetric(metrics, "parley_queue_records")).toBe(7);
    expect(await readMetric(metrics, "parley_queue_bytes")).toBe(70);
    expect(await readMetric(metrics, "parley_pending_writes")).toBe(2);
  });
});

describe("a call that is over", () => {
  test.each([
    [undefined, "debug", "OK"],
    [Code.NotFound, "info", "NotFound"],
    [Code.Unauthenticated, "info", "Unauthenticated"],
    [Code.Unavailable, "warn", "Unavailable"],
    [Code.Internal, "warn", "Internal"],
  ])("with code %s is counted, and logged at %s as %s", async (code, level, text) => {
    const metrics = new Metrics();
    const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), isLevelEnabled: () => true };
    createCallLog(metrics, log as never)({ ...CALL, code });
    expect(log[level as "debug"]).toHaveBeenCalledWith({ ...CALL, code: text, durationMs: 1.235 }, "call");
    expect(log.debug.mock.calls.length + log.info.mock.calls.length + log.warn.mock.calls.length).toBe(1);
    expect(await metrics.render()).toContain(`code="${text}"`);
  });

  test.each([
    [
      { kind: "user", application: "shop", user: "ann", displayName: "Ann" },
      { application: "shop", user: "ann" },
    ],
    [{ kind: "application", application: "shop" }, { application: "shop" }],
    [{ kind: "admin" }, {}],
    [undefined, {}],
  ])("of %j is logged with why it failed, and %j", (caller, who) => {
    const log = { info: vi.fn(), isLevelEnabled: () => true };
    const call = { ...CALL, code: Code.PermissionDenied, reason: "MUTED" };
    createCallLog(new Metrics(), log as never)({ ...call, caller });
    expect(log.info.mock.calls).toEqual([[{ ...call, ...who, code: "PermissionDenied", durationMs: 1.235 }, "call"]]);
  });

  test("is counted where its level is not logged", async () => {
    const metrics = new Metrics();
    const log = { debug: vi.fn(), isLevelEnabled: (level: string) => level !== "debug" };
    createCallLog(metrics, log as never)(CALL);
    expect(log.debug).not.toHaveBeenCalled();
    expect(await metrics.render()).toContain('code="OK"');
  });

  test.each([
    ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"],
    ["garbage", undefined],
    [null, undefined],
  ])("with the traceparent %s has the trace id %s", (header, traceId) => {
    expect(traceIdOf(header)).toBe(traceId);
  });
});
