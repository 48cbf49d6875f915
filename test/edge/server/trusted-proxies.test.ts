import { expect, test } from "vitest";
import { exchange } from "../../rest-transport.ts";
import { openEdge } from "./kitchen-edge.ts";

const SOCKET = /^127\.0\.0\.1:[1-9]\d+$/;

test.each<[name: string, trustedProxies: string[], forwarded: string | undefined, peer: RegExp]>([
  ["nobody is trusted", [], "203.0.113.7", SOCKET],
  ["another is trusted", ["192.0.2.1"], "203.0.113.7", SOCKET],
  ["the proxy says nothing", ["127.0.0.1"], undefined, SOCKET],
  ["the proxy says whose request it is", ["127.0.0.1"], "203.0.113.7", /^203\.0\.113\.7$/],
  ["the proxy's range is trusted", ["127.0.0.0/8"], "203.0.113.7", /^203\.0\.113\.7$/],
  [
    "the caller lies to the proxy, which appends the truth",
    ["loopback"],
    "198.51.100.1, 203.0.113.7",
    /^203\.0\.113\.7$/,
  ],
  ["the address is one of IPv6", ["loopback"], "2001:db8::7", /^2001:db8::7$/],
])("the peer of a call where %s", async (_name, trustedProxies, forwarded, peer) => {
  const { address, calls } = await openEdge({ trustedProxies });
  const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  await exchange(`${address}/v1/sink`, { method: "GET", headers });
  await expect.poll(() => calls).toHaveLength(1);
  expect(calls[0]!.peer).toMatch(peer);
});
