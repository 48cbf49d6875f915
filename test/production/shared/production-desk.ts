import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Production } from "../production.ts";

/** What suites know of the production that they share. */
export type SharedProduction = Pick<Production, "address" | "grpcAddress" | "adminKey">;

const RESTART = "/restart";

async function answer(production: () => Promise<Production>, path: string, response: ServerResponse): Promise<void> {
  try {
    const shared = await production();
    if (path === RESTART) await shared.restart();
    const { address, grpcAddress, adminKey } = shared;
    response.end(JSON.stringify({ address, grpcAddress, adminKey } satisfies SharedProduction));
  } catch (error) {
    response.writeHead(503).end((error as Error).message);
  }
}

/** Where other processes ask for a production, and for a restart of it. */
export async function openProductionDesk(
  production: () => Promise<Production>,
): Promise<{ url: string; close(): Promise<void> }> {
  const desk = createServer((request, response) => void answer(production, request.url ?? "", response));
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

/** Asks a desk for its production, which is started for the first who asks. */
export function askForProduction(desk: string): Promise<SharedProduction> {
  return ask(`${desk}/`);
}

/** Asks a desk to end the api processes of its production in order and to start them again. */
export async function askForRestart(desk: string): Promise<void> {
  await ask(desk + RESTART);
}

async function ask(url: string): Promise<SharedProduction> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as SharedProduction;
}
