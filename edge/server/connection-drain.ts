import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** Long enough for a busy caller to send its next request, which is answered with `Connection: close`. */
const SWEEP_MS = 500;

/**
 * Bounds `app.close()`. It answers the requests under way, but waits neither for connections that never sent anything,
 * as browsers open them in advance, nor for those that become idle meanwhile, which Node both leaves open, nor, after
 * `deadlineMs`, for any. Sessions of HTTP/2 get a GOAWAY, and end with their last stream.
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

/** The connections that are open; those of TLS twice, as it counts what came through it apart from the handshake. */
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
