import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { exchangeLine } from "../line-exchange.ts";
import { describeWithOwn } from "../shared-server.ts";
import { askForServer, openServerDesk } from "./server-desk.ts";
import { SharedServers } from "./shared-servers.ts";

async function open(servers: SharedServers): Promise<string> {
  const { url, close } = await openServerDesk(servers);
  onTestFinished(close);
  return url;
}

const portOf = (url: string) => Number(new URL(url).port);

afterEach(() => {
  vi.unstubAllEnvs();
});

describeWithOwn(["redis"], "a shared server", () => {
  test("is started once for all who ask, and ended with the others", async () => {
    const servers = new SharedServers({});
    onTestFinished(() => servers.stop());
    const desk = await open(servers);
    const [one, two] = await Promise.all([askForServer(desk, "redis"), askForServer(desk, "redis")]);
    expect(two).toEqual(one);
    expect(await exchangeLine(portOf(one.url), "PING")).toBe("+PONG\r\n");
    await servers.stop();
    await expect(exchangeLine(portOf(one.url), "PING")).rejects.toThrow("ECONNREFUSED");
  });
});

describe("a desk for shared servers", () => {
  test("gives the address in the environment, where nothing is started", async () => {
    const desk = await open(new SharedServers({ NATS_URL: "nats://a", NATS_MONITOR_URL: "http://a" }));
    expect(await askForServer(desk, "nats")).toEqual({ url: "nats://a", monitorUrl: "http://a" });
  });

  test("tells why a server cannot be had", async () => {
    vi.stubEnv("PATH", await temporaryFolder());
    vi.stubEnv("XDG_CACHE_HOME", await temporaryFolder());
    vi.stubEnv("CI", "");
    const desk = await open(new SharedServers({}));
    await expect(askForServer(desk, "nats")).rejects.toThrow("nats cannot be started here");
  });
});
