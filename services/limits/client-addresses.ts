import { BlockList, isIP } from "node:net";
import { LRUCache } from "lru-cache";
import type { CallInit } from "../rpc/call-init.ts";
import { CLIENT_ADDRESS_HEADER } from "./client-address.ts";

/** Of connections whose other end was looked at. */
const PEERS_MAX = 10_000;

const RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/** The other end of a connection: what it counts as, and whether it is believed what address its client has. */
type Peer = { address: string; isTrusted: boolean };

/** Finds out where calls come from. */
export class ClientAddresses {
  readonly #trusted = new BlockList();
  readonly #peers = new LRUCache<string, Peer>({ max: PEERS_MAX });

  /** @param edges whose word is taken: addresses, ranges, and names of ranges, as the setting TRUST_EDGE has them */
  constructor(edges: readonly string[]) {
    for (const range of edges.flatMap((edge) => RANGES[edge] ?? edge)) {
      const [address, bits] = range.split("/") as [string, string | undefined];
      if (bits === undefined) this.#trusted.addAddress(address, familyOf(address));
      else this.#trusted.addSubnet(address, Number(bits), familyOf(address));
    }
  }

  /**
   * Where a call comes from, as `clientAddressOf` has it. A call without a peer comes from the edge of this process;
   * undefined where that has not said.
   */
  of({ peer, requestHeader }: Pick<CallInit, "peer" | "requestHeader">): string | undefined {
    if (peer === undefined) return readClient(requestHeader);
    const { address, isTrusted } = this.#find(peer);
    return isTrusted ? (readClient(requestHeader) ?? address) : address;
  }

  #find(peer: string): Peer {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const full = unmapped(peer.replace(/:\d+$/, ""));
    const isTrusted = isIP(full) !== 0 && this.#trusted.check(full, familyOf(full));
    const found = { address: shortened(full), isTrusted };
    this.#peers.set(peer, found);
    return found;
  }
}

function readClient(header: Headers): string | undefined {
  const told = header.get(CLIENT_ADDRESS_HEADER);
  return told === null || isIP(told) === 0 ? undefined : shortened(unmapped(told));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** An IPv4 address that IPv6 carries. */
function unmapped(address: string): string {
  return /^::ffff:(?=[\d.]+$)/i.test(address) ? address.slice("::ffff:".length) : address;
}

/** The first 64 bits of an IPv6 address: a customer of a provider has all that follow. */
function shortened(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("%")[0]!.toLowerCase().split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill("0"), ...last];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
