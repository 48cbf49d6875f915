import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { parseEntityTags } from "../../transcode/index.ts";
import type { createOpenApi } from "../open-api/open-api.ts";
import { type CodedContent, codedContent } from "./coded-content.ts";
import { readDocsAssets } from "./docs-assets.ts";
import { digest } from "./docs-file.ts";
import { contentSecurityPolicy, type DocsPage, REDOC_POLICY, renderPage, SWAGGER_POLICY } from "./docs-page.ts";

export type DocsOptions = {
  readonly document: ReturnType<typeof createOpenApi>;
  /** The pages' title, as text. */
  readonly title: string;
};

const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * Serves the document at `/openapi.json`, a page at `/docs` that shows it and makes calls with the key that the reader
 * gives it, and one at `/redoc` to read. All that the pages load comes from here.
 */
export function docsRoutes({ document, title }: DocsOptions): FastifyPluginAsync {
  return async (app) => {
    const { icon, swagger, redoc } = await readDocsAssets();
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("x-content-type-options", "nosniff");
    });
    serveDocument(app, JSON.stringify(document));
    servePage(app, { ...swagger, path: "docs", title, icon, policy: SWAGGER_POLICY });
    servePage(app, { ...redoc, path: "redoc", title, icon, policy: REDOC_POLICY });
  };
}

function serveDocument(app: FastifyInstance, json: string): void {
  const tag = digest(json);
  const content = codedContent(Buffer.from(json));
  app.get("/openapi.json", { onRequest: varyByCoding }, async (request, reply) => {
    reply.header("cache-control", "no-cache").header("etag", `W/"${tag}"`);
    if (isNamed(tag, request.headers["if-none-match"])) return reply.code(304).send();
    return send(request, reply.type("application/json; charset=utf-8"), content);
  });
}

/** Whether `If-None-Match` names the document as it is (RFC 9110, 13.1.2). What is no list of tags names nothing. */
function isNamed(tag: string, header: string | undefined): boolean {
  if (header === undefined) return false;
  try {
    const tags = parseEntityTags("if-none-match", header);
    return tags === "*" || tags.some(({ value }) => value === tag);
  } catch {
    return false;
  }
}

function servePage(app: FastifyInstance, page: DocsPage): void {
  const { path, icon, styles, scripts } = page;
  const html = renderPage(page);
  const policy = contentSecurityPolicy(page);
  app.get(`/${path}`, async (_request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .header("cache-control", "no-cache")
      .header("content-security-policy", policy)
      .header("referrer-policy", "no-referrer")
      .send(html),
  );
  app.get(`/${path}/`, async (_request, reply) => reply.redirect(`../${path}`, 308));
  for (const { name, type, content } of [icon, ...styles, ...scripts]) {
    app.get(`/${path}/${name}`, { onRequest: varyByCoding }, async (request, reply) =>
      send(request, reply.type(type).header("cache-control", FOR_EVER), content),
    );
  }
}

/** Adds to what the host's answers vary by. */
async function varyByCoding(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header("vary", [reply.getHeader("vary") ?? [], "accept-encoding"].flat().join(", "));
}

async function send(request: FastifyRequest, reply: FastifyReply, content: CodedContent): Promise<FastifyReply> {
  const { body, coding } = await content(request.headers["accept-encoding"]);
  if (coding !== "identity") reply.header("content-encoding", coding);
  return reply.send(body);
}
