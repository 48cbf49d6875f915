import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createEdgePorts, type Place } from "../../../edge/server/edge-ports.ts";
import { kitchenOptions } from "./kitchen-edge.ts";

const METRICS = { contentType: "text/plain", render: async () => "a 1\n" };

async function openPorts(docs: Place, metrics: Place, ready = true) {
  const options = { ...kitchenOptions({}, []), docs: { document: {}, title: "Kitchen" } as never, metrics: METRICS };
  const places = { docs, metrics };
  const servers = createEdgePorts({ ...options, places, hasPrivate: true, ready: () => ready });
  const addresses = await Promise.all(
    [servers.edge, servers.privateServer!].map(async (app) => {
      await app.listen({ host: "127.0.0.1", port: 0 });
      onTestFinished(() => app.close());
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    }),
  );
  return (path: string) =>
    Promise.all(
      addresses.map(async (address) => {
        const answer = await fetch(address + path);
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
}

describe("what is served on the port of the callers and on the private one", () => {
  test.each<[place: Place, statuses: [number, number]]>([
    ["public", [200, 404]],
    ["private", [404, 200]],
    ["off", [404, 404]],
  ])("%s", async (place, statuses) => {
    const docs = await openPorts(place, "off");
    for (const path of ["/docs", "/openapi.json"]) expect(await docs(path), path).toEqual(statuses);
    expect(await docs("/metrics")).toEqual([404, 404]);
    const metrics = await openPorts("off", place);
    expect(await metrics("/metrics")).toEqual(statuses);
    expect(await metrics("/docs")).toEqual([404, 404]);
  });

  test("health is on both, calls are not", async () => {
    const get = await openPorts("off", "off");
    for (const path of ["/healthz", "/health", "/readyz"]) expect(await get(path), path).toEqual([200, 200]);
    expect(await get("/v1/sink")).toEqual([200, 404]);
    expect(await (await openPorts("off", "off", false))("/readyz")).toEqual([503, 503]);
  });
});

test("there is no private server without a private port", () => {
  const options = { ...kitchenOptions({}, []), docs: { document: {}, title: "Kitchen" } as never, metrics: METRICS };
  const { edge, privateServer } = createEdgePorts({
    ...options,
    places: { docs: "public", metrics: "public" },
    hasPrivate: false,
  });
  onTestFinished(() => edge.close());
  expect(privateServer).toBeUndefined();
});
