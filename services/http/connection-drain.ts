import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** Long enough for a busy caller to send its next request, which is answered with `Connection: close`. */
const SWEEP_MS = 500;

/**
 * Bounds `app.close()`, which answers the requests under way. Node would leave some connections open:
 * - those that never sent anything, as browsers open them in advance, and those that become idle meanwhile, are closed
 *   soon;
 * - sessions of HTTP/2 get a GOAWAY, and end with their last stream;
 * - what is left after `deadlineMs` is destroyed.
 */
export function drainOnClose(app: FastifyInstance, deadlineMs: number): void {
  const { server } = app;
  const sockets = followSockets(app);
  const timers: NodeJS.Timeout[] = [];
  app.addHook("preClose", async () => {
    // Those that are open Node closes itself.
    server.on("session", (session) => session.close());
    const sweep = () => {
      server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    };
    const end = () => {
      for (const socket of sockets) socket.destroy();
    };
    timers.push(setInterval(sweep, SWEEP_MS), setTimeout(end, deadlineMs));
  });
  app.addHook("onClose", async () => {
    for (const timer of timers) clearInterval(timer);
  });
}

/**
 * The connections that are open. One of TLS is there twice: as the connection, whose bytes include the handshake, and
 * as what came through it.
 */
function followSockets({ server }: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  const follow = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  server.on("connection", follow);
  server.on("secureConnection", follow);
  return sockets;
}
