import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RecentHeaders } from "../../../services/auth/recent-headers.ts";

describe("recent headers", () => {
  test("are known until too many others came, those in use for longer", () => {
    const headers = new RecentHeaders<number>(40);
    headers.set("used-", 1);
    headers.set("rare-", 2);
    for (let other = 0; other < 20; other++) {
      headers.set(`x${1_000 + other}`, other);
      expect(headers.get("used-")).toBe(1);
    }
    expect(headers.get("rare-")).toBeUndefined();
  });

  test("have the value that was set last", () => {
    const headers = new RecentHeaders<number>(40);
    headers.set("a", 1);
    for (let value = 2; value < 30; value++) {
      headers.set("a", value);
      expect(headers.get("a")).toBe(value);
    }
  });

  test("that are longer than there is room for make none forget what is in use", () => {
    const headers = new RecentHeaders<number>(40);
    headers.set("x".repeat(100), 1);
    headers.set("a", 2);
    expect(headers.get("a")).toBe(2);
  });

  test("never have another's value", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.string({ maxLength: 4 }))), (steps) => {
        const headers = new RecentHeaders<string>(12);
        for (const [isSet, header] of steps) {
          if (isSet) headers.set(header, header);
          else expect([header, undefined]).toContain(headers.get(header));
        }
      }),
    );
  });
});
