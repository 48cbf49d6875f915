import { afterAll, expect, test } from "vitest";
import { readMachine } from "../../../bench/report/machine.ts";
import { ServerSet } from "../../faults/stack/server-set.ts";
import { MissingServerError } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";

/** Servers of two kinds alone. */
class FewServers extends ServerSet {
  override get: ServerSet["get"] = (kind, options) =>
    kind === "redis" || kind === "nats" ? super.get(kind, options) : Promise.reject(new MissingServerError(kind));
}

const servers = new FewServers();

afterAll(() => servers.close());

describeWithOwn(["redis", "nats"], "the machine of a report", () => {
  test("has the versions of the servers that can be had", async () => {
    const machine = await readMachine(servers);
    const version = expect.stringMatching(/^\d+\.\d+\.\d+/);
    expect(machine.servers).toEqual({ redis: version, nats: version });
    expect(machine.node).toBe(process.versions.node);
    expect(machine.processors).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeGreaterThan(2 ** 20);
  });
});
