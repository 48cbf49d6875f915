import { askDesk, type Desk, openDesk } from "../../desk.ts";
import type { Production } from "../production.ts";

/** What suites know of the production that they share. */
export type SharedProduction = Pick<Production, "address" | "grpcAddress" | "adminKey">;

const RESTART = "/restart";

/** Where other processes ask for a production, and for a restart of it. */
export function openProductionDesk(production: () => Promise<Production>): Promise<Desk> {
  return openDesk(async (path): Promise<SharedProduction> => {
    const shared = await production();
    if (path === RESTART) await shared.restart();
    const { address, grpcAddress, adminKey } = shared;
    return { address, grpcAddress, adminKey };
  });
}

/** Asks a desk for its production, which is started for the first who asks. */
export function askForProduction(desk: string): Promise<SharedProduction> {
  return askDesk(desk, "/");
}

/** Asks a desk to end the api processes of its production in order and to start them again. */
export async function askForRestart(desk: string): Promise<void> {
  await askDesk(desk, RESTART);
}
