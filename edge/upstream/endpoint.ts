import { lookup } from "node:dns/promises";
import { bareHost } from "../../services/settings/addresses.ts";

/** Where one server listens. `host` is the name by which it was found, which its certificate is for. */
export type Endpoint = { readonly host: string; readonly port: number; readonly address: string };

/** All addresses of a `host:port`, where an IPv6 address is in brackets. Rejects where the name has none. */
export async function resolveEndpoints(target: string): Promise<Endpoint[]> {
  const end = target.lastIndexOf(":");
  const host = bareHost(target.slice(0, end));
  const port = Number(target.slice(end + 1));
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => ({ host, port, address }));
}

/** `10.0.0.7:50051`, `[::1]:50051` */
export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
