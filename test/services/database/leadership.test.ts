import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { lead } from "../../../services/database/leadership.ts";
import { Lease } from "../../../services/database/lease.ts";
import { openStores, type Stores } from "../stores.ts";

const TTL_MS = 300;

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

/** A process that would lead; `terms` has a signal for each time that it does. */
function candidate(name: string) {
  const stop = new AbortController();
  const terms: AbortSignal[] = [];
  const failed = vi.fn();
  const work = async (signal: AbortSignal) => {
    terms.push(signal);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  const done = lead(new Lease(stores.database, { name, ttlMs: TTL_MS }), { work, failed }, stop.signal);
  const end = () => {
    stop.abort();
    return done;
  };
  return { terms, failed, end };
}

test("one leads, and another when it stops", async () => {
  const first = candidate("stop");
  await expect.poll(() => first.terms.length).toBe(1);
  const second = candidate("stop");
  await first.end();
  expect(first.terms[0]!.aborted).toBe(true);
  expect(second.terms).toEqual([]);
  await expect.poll(() => second.terms.length).toBe(1);
  await second.end();
  expect(second.failed).not.toHaveBeenCalled();
});

test("who loses the lease ends its work, and leads again when it may", async () => {
  const leader = candidate("lose");
  await expect.poll(() => leader.terms.length).toBe(1);
  const taken = { holder: "other", expireTime: Date.now() + TTL_MS };
  await stores.database.leases.update(taken, { where: { name: "lose" } });
  await expect.poll(() => leader.terms[0]!.aborted).toBe(true);
  await expect.poll(() => leader.terms.length).toBe(2);
  expect(leader.terms[1]!.aborted).toBe(false);
  await leader.end();
});

test("work that fails is told, and begins anew", async () => {
  const stop = new AbortController();
  const failed = vi.fn();
  const work = vi
    .fn()
    .mockRejectedValueOnce(new Error("broken"))
    .mockImplementationOnce(async () => stop.abort());
  await lead(new Lease(stores.database, { name: "fail", ttlMs: TTL_MS }), { work, failed }, stop.signal);
  expect(work).toHaveBeenCalledTimes(2);
  expect(failed).toHaveBeenCalledExactlyOnceWith(new Error("broken"), expect.any(Number));
});
