import { type ContextValues, createContextKey } from "@connectrpc/connect";

/** The header by which the edge tells the address of its client. What its own caller gave it is overwritten. */
export const CLIENT_ADDRESS_HEADER = "parley-client-address";

const clientAddressKey = createContextKey<string | undefined>(undefined, { description: "client address" });

/**
 * Where a call of a user, or of somebody who is not known, comes from: an IPv4 address, or the first 64 bits of an IPv6
 * address, which is what one customer of a provider has. Undefined where it is not known, and for calls of backends.
 */
export function clientAddressOf(values: ContextValues): string | undefined {
  return values.get(clientAddressKey);
}

/** Enters where a call comes from. */
export function setClientAddress(values: ContextValues, address: string): void {
  values.set(clientAddressKey, address);
}
