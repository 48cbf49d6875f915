import { describe, expect, test, vi } from "vitest";
import { createDependencyChecks, type Dependencies } from "../../../services/observability/dependency-checks.ts";

const up = async () => "an answer";
const away = async () => {
  throw new Error("away");
};
const broken = () => {
  throw new Error("at once");
};
const silent = () => new Promise<never>(() => {});

describe("dependencies", () => {
  test.each<[string, Dependencies, Record<string, string>, boolean]>([
    ["that answer suffice", { mysql: { check: up, isRequired: true } }, { mysql: "up" }, true],
    ["that reject are down", { mysql: { check: away, isRequired: true } }, { mysql: "down" }, false],
    ["that throw are down", { nats: { check: broken, isRequired: true } }, { nats: "down" }, false],
    ["that say nothing are down", { redis: { check: silent, isRequired: true } }, { redis: "down" }, false],
    [
      "that are not required may be down",
      { mysql: { check: up, isRequired: true }, elasticsearch: { check: away, isRequired: false } },
      { mysql: "up", elasticsearch: "down" },
      true,
    ],
  ])("%s", async (_, dependencies, states, suffices) => {
    expect(await createDependencyChecks(dependencies, 50)()).toEqual({ states, suffices });
  });

  test("are asked once where many want to know at the same time, and again afterwards", async () => {
    const check = vi.fn(up);
    const checks = createDependencyChecks({ mysql: { check, isRequired: true } });
    await Promise.all([checks(), checks(), checks()]);
    expect(check).toHaveBeenCalledTimes(1);
    await checks();
    expect(check).toHaveBeenCalledTimes(2);
  });
});
