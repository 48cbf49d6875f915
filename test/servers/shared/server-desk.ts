import { askDesk, type Desk, openDesk } from "../../desk.ts";
import type { ServerAddress } from "../address.ts";
import { SERVER_KINDS, type ServerKind } from "../server-profiles.ts";
import type { SharedServers } from "./shared-servers.ts";

/** Where other processes ask for the address of a shared server, which is started for the first of them. */
export function openServerDesk(servers: SharedServers): Promise<Desk> {
  return openDesk(async (path) => {
    const kind = SERVER_KINDS.find((each) => path === `/${each}`);
    if (!kind) throw new Error(`a server is one of ${SERVER_KINDS.join(", ")}`);
    return servers.address(kind);
  });
}

/**
 * Asks a desk for a server.
 *
 * @throws where it cannot be started
 */
export function askForServer(desk: string, kind: ServerKind): Promise<ServerAddress> {
  return askDesk(desk, `/${kind}`);
}

/** Asks a desk for servers of every kind. */
export async function askForServers(desk: string): Promise<Record<ServerKind, ServerAddress>> {
  const addresses = await Promise.all(
    SERVER_KINDS.map(async (kind) => [kind, await askForServer(desk, kind)] as const),
  );
  return Object.fromEntries(addresses) as Record<ServerKind, ServerAddress>;
}
