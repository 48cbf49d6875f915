import { access, readFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { turnBody } from "../../../bench/load/turning-body.ts";

const BODY = Buffer.from("to chat/10, a message");

async function open(texts: readonly string[]) {
  const body = await turnBody(BODY, texts);
  onTestFinished(() => body.close().catch(() => undefined));
  return body;
}

describe("a turning body", () => {
  test("has one text after the other in its place, and is gone when it is closed", async () => {
    const body = await open(["chat/10", "chat/11", "chat/12"]);
    const seen = new Set<string>();
    await vi.waitUntil(async () => seen.add(await readFile(body.path, "utf8")).size === 3, { interval: 1 });
    expect([...seen].sort()).toEqual([10, 11, 12].map((chat) => `to chat/${chat}, a message`));
    await body.close();
    await expect(access(body.path)).rejects.toThrow("ENOENT");
  });

  test("of one text stays as it is", async () => {
    expect(await readFile((await open(["chat/10"])).path, "utf8")).toBe(BODY.toString());
  });

  test.each([[["chat/99", "chat/11"]], [["chat/10", "chat/1"]]])("cannot be made of %j", async (texts) => {
    await expect(turnBody(BODY, texts)).rejects.toThrow("must have it, and texts as long as it");
  });
});
