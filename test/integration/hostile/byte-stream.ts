import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";

/** A connection of TCP, or TLS for HTTP/2, on which anything can be said. */
export type ByteStream = {
  write(bytes: string | Uint8Array): void;
  /** Says that no more follows; what the other side says is still read. */
  halfClose(): void;
  /** All that has come so far. */
  received(): Buffer;
  /** Resolves with all that came once the other side has closed; rejects where it does not. */
  ended(): Promise<Buffer>;
  destroy(): void;
};

/** How long a peer may take to close what is to be closed. */
const CLOSE_TIMEOUT_MS = 10_000;

/** @param address `host:port`, also with the scheme */
export async function openByteStream(address: string, isSecure = false): Promise<ByteStream> {
  const where = { port: Number(address.split(":").at(-1)), host: "127.0.0.1", allowHalfOpen: true };
  const secure = { ...where, rejectUnauthorized: false, ALPNProtocols: ["h2"] };
  const socket: Socket = isSecure ? connectSecurely(secure) : connect(where);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A peer that does not read on may reset the connection: that is an end too.
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    for (const event of ["end", "close"]) socket.once(event, () => resolve());
  });
  await once(socket, isSecure ? "secureConnect" : "connect");
  return {
    write: (bytes) => void (socket.destroyed || socket.write(bytes)),
    halfClose: () => void socket.end(),
    received: () => Buffer.concat(chunks),
    async ended() {
      const isLate = await Promise.race([closed, lateness()]);
      socket.destroy();
      if (isLate) throw new Error(`the peer has not closed after ${CLOSE_TIMEOUT_MS} ms: ${Buffer.concat(chunks)}`);
      return Buffer.concat(chunks);
    },
    destroy: () => void socket.destroy(),
  };
}

function lateness(): Promise<true> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(true), CLOSE_TIMEOUT_MS).unref();
  });
}
