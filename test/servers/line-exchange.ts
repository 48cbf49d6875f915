import { once } from "node:events";
import { connect } from "node:net";

const PATIENCE_MS = 1_000;

/** Sends a line to a port of 127.0.0.1; resolves with what first comes back. */
export async function exchangeLine(port: number, line: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    const timely = { signal: AbortSignal.timeout(PATIENCE_MS) };
    await once(socket, "connect", timely);
    socket.write(`${line}\r\n`);
    const [answer] = await once(socket, "data", timely);
    return String(answer);
  } finally {
    socket.destroy();
  }
}
