import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below what systems give to outgoing connections (from 32768), so that no client holds a server's port while the server
 * is down.
 */
const LOWEST = 15_000;
const HIGHEST = 32_000;
const ATTEMPTS = 100;

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** A port of 127.0.0.1 on which nothing listens, chosen at random. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST} in ${ATTEMPTS} attempts`);
}
