import type { FastifyPluginAsync } from "fastify";

/** What the operations' routes tell. */
export type OperationsOptions = {
  /** Whether calls are taken. */
  ready(): boolean;
  /** Served where it is given. */
  metrics?: MetricsSource | undefined;
};

/** Gives the metrics as text. */
export type MetricsSource = { contentType: string; render(): Promise<string> };

/** `/healthz` and `/health`: the process lives. `/readyz`: it takes calls, else 503. `/metrics`: for Prometheus. */
export function operations({ ready, metrics }: OperationsOptions): FastifyPluginAsync {
  return async (app) => {
    const live = async () => ({ status: "ok" });
    app.get("/healthz", live);
    app.get("/health", live);
    app.get("/readyz", async (_request, reply) => {
      if (ready()) return { status: "ready" };
      return reply.code(503).send({ status: "not ready" });
    });
    if (metrics === undefined) return;
    app.get("/metrics", async (_request, reply) => {
      const text = await metrics.render();
      return reply.type(metrics.contentType).send(text);
    });
  };
}
