import { expect, onTestFinished, test } from "vitest";
import { findSyncFault } from "../../../services/nats/nats-sync.ts";
import { freePort } from "../../servers/free-port.ts";
import { startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";

async function monitorOf(syncInterval: string): Promise<string> {
  const server = await startServer("nats", { syncInterval });
  onTestFinished(() => server.stop());
  return server.monitorUrl;
}

const LOSS = /`sync_interval: always` .* loses writes that were answered/;

describeWithOwn(["nats"], "what NATS says of its syncs", () => {
  test("nothing is said of a server that syncs every write", async () => {
    expect(await findSyncFault(await monitorOf("always"))).toBeUndefined();
  });

  test("of a server that does not, it is said what can be lost, and what to set", async () => {
    const fault = await findSyncFault(await monitorOf("2m"));
    expect(fault).toMatch(/^NATS does not sync every write/);
    expect(fault).toMatch(LOSS);
  });

  test("so it is where the monitoring address is not set, or answers nothing that can be read", async () => {
    const unset = await findSyncFault(undefined);
    expect(unset).toMatch(/^NATS_MONITOR_URL is not set/);
    expect(unset).toMatch(LOSS);
    const away = await findSyncFault(`http://127.0.0.1:${await freePort()}`);
    expect(away).toMatch(/^NATS_MONITOR_URL http:\/\/127.0.0.1:\d+ cannot be read/);
    expect(away).toMatch(LOSS);
  });
});
