import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** Long enough for a busy caller to send its next request, which is answered with `Connection: close`. */
const SWEEP_MS = 500;

/**
 * Bounds `app.close()`. It answers the requests under way, but waits neither for connections that never sent anything,
 * as browsers open them in advance, nor for those that become idle meanwhile, which Node both leaves open, nor, after
 * `deadlineMs`, for any.
 */
export function drainOnClose(app: FastifyInstance, deadlineMs: number): void {
  const { server } = app;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const timers: NodeJS.Timeout[] = [];
  app.addHook("preClose", async () => {
    const sweep = () => {
      server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    };
    timers.push(
      setInterval(sweep, SWEEP_MS),
      setTimeout(() => server.closeAllConnections(), deadlineMs),
    );
  });
  app.addHook("onClose", async () => {
    for (const timer of timers) clearInterval(timer);
  });
}
