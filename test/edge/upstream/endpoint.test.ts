import { describe, expect, test } from "vitest";
import { formatEndpoint, resolveEndpoints } from "../../../edge/upstream/endpoint.ts";

describe("a target is resolved", () => {
  test.each([
    ["127.0.0.1:80", { host: "127.0.0.1", port: 80, address: "127.0.0.1" }, "127.0.0.1:80"],
    ["[::1]:50051", { host: "::1", port: 50_051, address: "::1" }, "[::1]:50051"],
  ])("%s", async (target, endpoint, text) => {
    expect(await resolveEndpoints(target)).toEqual([endpoint]);
    expect(formatEndpoint(endpoint)).toBe(text);
  });

  test("by name, to every address that it has", async () => {
    const found = await resolveEndpoints("localhost:1");
    expect(found.map(({ address }) => address)).toContain("127.0.0.1");
    for (const { host, port } of found) expect([host, port]).toEqual(["localhost", 1]);
  });

  test("not where the name has none", async () => {
    await expect(resolveEndpoints("no-such-name.invalid:1")).rejects.toThrow("no-such-name.invalid");
  });
});
