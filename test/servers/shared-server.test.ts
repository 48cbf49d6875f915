import { expect, inject, test } from "vitest";
import { exchangeLine } from "./line-exchange.ts";
import { askForServer } from "./shared/server-desk.ts";
import { describeOn, describeWithOwn, newName } from "./shared-server.ts";

describeOn("redis", "a suite on a shared server", (address) => {
  test("has the address that all have", async () => {
    expect(address).toEqual(await askForServer(inject("serverDesk"), "redis"));
    expect(await exchangeLine(Number(new URL(address.url).port), "PING")).toBe("+PONG\r\n");
  });
});

describeOn("nats", "a suite on a shared NATS", (address) => {
  test("has its monitoring address too", async () => {
    expect(address.url).toMatch(/^nats:/);
    if (!process.env.NATS_URL) expect((await fetch(`${address.monitorUrl}/healthz`)).ok).toBe(true);
  });
});

describeWithOwn([], "a suite with servers of its own", () => {
  test("runs where none is missing", () => {
    expect(newName()).not.toBe(newName());
  });
});

test("a name is good for databases, streams and indexes", () => {
  expect(newName("chats")).toMatch(/^chats_[0-9a-f]{12}$/);
});
