import type { FastifyPluginAsync } from "fastify";
import type { CacheReport } from "../facts/cache-report.ts";

/** What the operations' routes tell. */
export type OperationsOptions = {
  /** Whether calls are taken, or the role's work is done. */
  ready(): boolean;
  /** What that depends on, told by `/readyz` where it is given. */
  dependencies?: (() => DependencyReport | Promise<DependencyReport>) | undefined;
  /** Served where it is given. */
  metrics?: MetricsSource | undefined;
  /** Told by `/cache/stats` where it is given. */
  caches?: (() => CacheReport) | undefined;
};

/** The state of each dependency by its name, and whether the role can do its work with them as they are. */
export type DependencyReport = { states: Readonly<Record<string, string>>; suffices: boolean };

/** Gives the metrics as text. */
export type MetricsSource = { contentType: string; render(): Promise<string> };

/** `/healthz` and `/health`: the process lives. `/readyz`: it takes calls, else 503. `/metrics`: for Prometheus. `/cache/stats`: how well the caches do. */
export function operations({ ready, dependencies, metrics, caches }: OperationsOptions): FastifyPluginAsync {
  return async (app) => {
    const live = async () => ({ status: "ok" });
    app.get("/healthz", live);
    app.get("/health", live);
    app.get("/readyz", async (_request, reply) => {
      const report = await dependencies?.();
      const isReady = ready() && report?.suffices !== false;
      const status = isReady ? "ready" : "not ready";
      return reply.code(isReady ? 200 : 503).send(report ? { status, dependencies: report.states } : { status });
    });
    if (caches) app.get("/cache/stats", async () => caches());
    if (metrics === undefined) return;
    app.get("/metrics", async (_request, reply) => {
      const text = await metrics.render();
      return reply.type(metrics.contentType).send(text);
    });
  };
}
