import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerAddress } from "../address.ts";
import { SERVER_KINDS, type ServerKind } from "../server-profiles.ts";
import type { SharedServers } from "./shared-servers.ts";

async function answer(servers: SharedServers, kind: ServerKind | undefined, response: ServerResponse): Promise<void> {
  try {
    if (!kind) throw new Error(`a server is one of ${SERVER_KINDS.join(", ")}`);
    response.end(JSON.stringify(await servers.address(kind)));
  } catch (error) {
    response.writeHead(503).end((error as Error).message);
  }
}

/** Where other processes ask for the address of a shared server, which is started for the first of them. */
export async function openDesk(servers: SharedServers): Promise<{ url: string; close(): Promise<void> }> {
  const desk = createServer((request, response) => {
    const kind = SERVER_KINDS.find((each) => request.url === `/${each}`);
    void answer(servers, kind, response);
  });
  desk.listen(0, "127.0.0.1");
  await once(desk, "listening");
  return {
    url: `http://127.0.0.1:${(desk.address() as AddressInfo).port}`,
    close: async () => {
      desk.closeAllConnections();
      desk.close();
      await once(desk, "close");
    },
  };
}

/**
 * Asks a desk for a server.
 *
 * @throws where it cannot be started
 */
export async function askDesk(desk: string, kind: ServerKind): Promise<ServerAddress> {
  const response = await fetch(`${desk}/${kind}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as ServerAddress;
}

/** Asks a desk for servers of every kind. */
export async function askForServers(desk: string): Promise<Record<ServerKind, ServerAddress>> {
  const addresses = await Promise.all(SERVER_KINDS.map(async (kind) => [kind, await askDesk(desk, kind)] as const));
  return Object.fromEntries(addresses) as Record<ServerKind, ServerAddress>;
}
