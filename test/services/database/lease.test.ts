import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Lease } from "../../../services/database/lease.ts";
import { LeaseLostError } from "../../../services/database/tenure.ts";
import { openStores, type Stores } from "../stores.ts";

/** So long that nothing expires while a test runs. */
const LONG_MS = 60_000;
const SHORT_MS = 300;

let stores: Stores;
let names = 0;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const rowOf = (name: string) => stores.database.leases.findByPk(name, { raw: true });

/** Leases of one new name, as several processes have them. */
function newLeases(ttlMs: number, count = 2) {
  const name = `lease ${++names}`;
  return { name, leases: Array.from({ length: count }, () => new Lease(stores.database, { name, ttlMs })) };
}

/** Takes a lease as soon as it can be had. */
async function takeSoon(lease: Lease) {
  for (;;) {
    const tenure = await lease.take();
    if (tenure) return tenure;
  }
}

/** Stands still, as a process that is stopped does. */
function freeze(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("a lease", () => {
  test("is taken by one, and by another once it is given up", async () => {
    const { leases } = newLeases(LONG_MS);
    const first = await leases[0]!.take();
    expect(first?.isHeld).toBe(true);
    expect(await leases[1]!.take()).toBeUndefined();
    expect(await leases[0]!.take()).toBeUndefined();
    await first!.end();
    expect(first!.isHeld).toBe(false);
    const second = await leases[1]!.take();
    expect(second?.isHeld).toBe(true);
    await second!.end();
  });

  test("is taken by one of many who ask at the same time, also by those who ask first of all", async () => {
    const { leases } = newLeases(LONG_MS, 8);
    const tenures = await Promise.all(leases.map((lease) => lease.take()));
    const [tenure, ...others] = tenures.filter((taken) => taken !== undefined);
    expect(others).toEqual([]);
    await tenure!.end();
  });

  test("has one holder at a time, however they come and go", async () => {
    const { leases } = newLeases(LONG_MS, 4);
    let holders = 0;
    let terms = 0;
    const most: number[] = [];
    const comeAndGo = async (lease: Lease) => {
      while (terms < 40) {
        const tenure = await lease.take();
        if (!tenure) continue;
        most.push(++holders);
        terms++;
        await delay(1);
        holders--;
        await tenure.end();
      }
    };
    await Promise.all(leases.map(comeAndGo));
    expect(Math.max(...most)).toBe(1);
  });

  test("is kept beyond its time by renewing it", async () => {
    const { name, leases } = newLeases(SHORT_MS);
    const tenure = await leases[0]!.take();
    const { expireTime } = (await rowOf(name))!;
    await expect.poll(async () => (await rowOf(name))!.expireTime).toBeGreaterThan(expireTime + SHORT_MS);
    expect(await leases[1]!.take()).toBeUndefined();
    expect(tenure).toMatchObject({ isHeld: true, lost: { aborted: false } });
    await tenure!.end();
  });

  test("expires where its holder is gone", async () => {
    const { name, leases } = newLeases(LONG_MS);
    await stores.database.leases.create({ name, holder: "gone", expireTime: Date.now() + SHORT_MS });
    expect(await leases[0]!.take()).toBeUndefined();
    const tenure = await takeSoon(leases[0]!);
    expect(await rowOf(name)).not.toMatchObject({ holder: "gone" });
    await tenure.end();
  });

  test("is lost by a holder that stood still, and stays with who has it then", async () => {
    const { name, leases } = newLeases(SHORT_MS);
    const paused = (await leases[0]!.take())!;
    freeze(2 * SHORT_MS);
    expect(paused.isHeld).toBe(false);
    const other = (await leases[1]!.take())!;
    const { holder } = (await rowOf(name))!;
    await expect.poll(() => paused.lost.aborted).toBe(true);
    expect(paused.lost.reason).toBeInstanceOf(LeaseLostError);
    await paused.end();
    expect(await rowOf(name)).toMatchObject({ holder, expireTime: expect.any(Number) });
    expect(other.isHeld).toBe(true);
    await other.end();
  });

  test("is lost where another has it all the same", async () => {
    const { name, leases } = newLeases(SHORT_MS);
    const tenure = (await leases[0]!.take())!;
    await stores.database.leases.update({ holder: "other", expireTime: Date.now() + LONG_MS }, { where: { name } });
    await expect.poll(() => tenure.lost.aborted).toBe(true);
    expect(tenure.isHeld).toBe(false);
  });

  test("is lost in time where the database does not answer", async () => {
    const { leases } = newLeases(SHORT_MS);
    const tenure = (await leases[0]!.take())!;
    const update = vi.spyOn(stores.database.leases, "update").mockReturnValue(new Promise(() => undefined));
    await expect.poll(() => tenure.lost.aborted).toBe(true);
    update.mockRestore();
    await (await takeSoon(leases[1]!)).end();
  });

  test("is not renewed by what was under way when it was given up", async () => {
    const { leases } = newLeases(SHORT_MS);
    const tenure = (await leases[0]!.take())!;
    const { leases: table } = stores.database;
    const renewed = Promise.withResolvers<void>();
    const update = table.update.bind(table) as (...parameters: unknown[]) => Promise<unknown>;
    const late = vi.spyOn(table, "update").mockImplementationOnce((async (...parameters: unknown[]) => {
      await renewed.promise;
      return update(...parameters);
    }) as never);
    await expect.poll(() => late.mock.calls.length).toBe(1);
    await tenure.end();
    renewed.resolve();
    await late.mock.results[0]!.value;
    late.mockRestore();
    const other = await leases[1]!.take();
    expect(other?.isHeld).toBe(true);
    await other!.end();
  });
});
