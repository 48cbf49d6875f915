import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { codedContent } from "../../../../edge/docs/page/coded-content.ts";

const original = Buffer.from("a text that is worth it ".repeat(100));

describe("a content", () => {
  const content = codedContent(original);

  test.each([
    [undefined, "identity"],
    ["", "identity"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["gzip", "gzip"],
    ["*", "br"],
    ["zstd", "identity"],
    ["br;q=0, identity", "identity"],
    ["identity;q=0", "identity"],
  ])("for Accept-Encoding %j is %s", async (acceptEncoding, coding) => {
    expect((await content(acceptEncoding)).coding).toBe(coding);
  });

  test("is the same in every coding", async () => {
    expect(brotliDecompressSync((await content("br")).body)).toEqual(original);
    expect(gunzipSync((await content("gzip")).body)).toEqual(original);
    expect((await content(undefined)).body).toEqual(original);
    expect((await content("br")).body.length).toBeLessThan(100);
  });

  test("is compressed once", async () => {
    const [first, second] = await Promise.all([content("br"), content("br")]);
    expect(second.body).toBe(first.body);
  });
});
