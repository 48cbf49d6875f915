import { expect, test } from "vitest";
import { ClientAddresses } from "../../../services/limits/client-addresses.ts";

const EDGES = ["loopback", "10.1.0.0/16", "192.0.2.7"];

function addressOf(peer: string | undefined, told?: string): string | undefined {
  const requestHeader = new Headers(told === undefined ? {} : { "parley-client-address": told });
  return new ClientAddresses(EDGES).of({ peer, requestHeader });
}

test.each([
  ["of whom nothing is told", "198.51.100.9:4711", undefined, "198.51.100.9"],
  ["who is no edge, whatever it says", "198.51.100.9:4711", "203.0.113.1", "198.51.100.9"],
  ["behind an edge of a range", "10.1.2.3:4711", "203.0.113.1", "203.0.113.1"],
  ["behind an edge by its address", "192.0.2.7:4711", "203.0.113.1", "203.0.113.1"],
  ["behind an edge on this machine", "::1:4711", "203.0.113.1", "203.0.113.1"],
  ["behind an edge over IPv6", "::ffff:127.0.0.1:4711", "203.0.113.1", "203.0.113.1"],
  ["behind an edge that tells no address", "127.0.0.1:4711", "somebody", "127.0.0.1"],
  ["behind the edge of this process", undefined, "203.0.113.1", "203.0.113.1"],
  ["behind the edge of this process, which does not know", undefined, undefined, undefined],
  ["over IPv6 is of a network", "2001:db8:0:1:2:3:4:5:4711", undefined, "2001:db8:0:1::/64"],
  ["with a short address of IPv6", undefined, "2001:DB8::9", "2001:db8:0:0::/64"],
  ["with an address of IPv6 that ends early", undefined, "2001:db8:7:8::", "2001:db8:7:8::/64"],
  ["with an address of a link", undefined, "fe80::1%eth0", "fe80:0:0:0::/64"],
  ["with an address of IPv4 in IPv6", undefined, "::ffff:203.0.113.1", "203.0.113.1"],
])("a client %s", (_name, peer, told, address) => {
  expect(addressOf(peer, told)).toBe(address);
});
