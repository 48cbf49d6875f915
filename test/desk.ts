import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Where other processes ask. */
export type Desk = { url: string; close(): Promise<void> };

/** Opens a desk on a free port of 127.0.0.1, which answers for a path with what is known of it; who asks rejects where that does. */
export async function openDesk(answer: (path: string) => Promise<unknown>): Promise<Desk> {
  const desk = createServer((request, response) => void respond(response, answer(request.url ?? "/")));
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

async function respond(response: ServerResponse, answer: Promise<unknown>): Promise<void> {
  try {
    response.end(JSON.stringify(await answer));
  } catch (error) {
    response.writeHead(503).end((error as Error).message);
  }
}

/** Asks a desk for a path, as `/redis`. */
export async function askDesk<Answer>(desk: string, path: string): Promise<Answer> {
  const response = await fetch(desk + path);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as Answer;
}
