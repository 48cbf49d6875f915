import type { FastifyPluginAsync } from "fastify";
import { readDocsAssets } from "./docs-assets.ts";
import { CONTENT_SECURITY_POLICY, renderPage } from "./docs-page.ts";
import type { createOpenApi } from "./open-api.ts";

export type DocsOptions = {
  readonly document: ReturnType<typeof createOpenApi>;
  /** The page's title, as text. */
  readonly title: string;
};

const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * Serves the document at `/openapi.json`, and a page at `/docs` that shows it and makes calls with the key that the
 * reader gives it. All that the page loads comes from here.
 */
export function docsRoutes({ document, title }: DocsOptions): FastifyPluginAsync {
  return async (app) => {
    const assets = await readDocsAssets();
    const json = JSON.stringify(document);
    const page = renderPage(title, assets);
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("x-content-type-options", "nosniff");
    });
    app.get("/openapi.json", async (_request, reply) =>
      reply.type("application/json; charset=utf-8").header("cache-control", "no-cache").send(json),
    );
    app.get("/docs", async (_request, reply) =>
      reply
        .type("text/html; charset=utf-8")
        .header("cache-control", "no-cache")
        .header("content-security-policy", CONTENT_SECURITY_POLICY)
        .header("referrer-policy", "no-referrer")
        .send(page),
    );
    app.get("/docs/", async (_request, reply) => reply.redirect("../docs", 308));
    for (const { name, type, content } of Object.values(assets)) {
      app.get(`/docs/${name}`, async (_request, reply) =>
        reply.type(type).header("cache-control", FOR_EVER).send(content),
      );
    }
  };
}
