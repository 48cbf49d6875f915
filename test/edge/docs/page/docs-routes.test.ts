import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docsRoutes } from "../../../../edge/docs/index.ts";
import { createKitchenDocument } from "../contract.ts";

const document = createKitchenDocument();
const app: FastifyInstance = Fastify({ forceCloseConnections: true });
let url: string;

beforeAll(async () => {
  await app.register(docsRoutes({ document, title: 'Kitchen <"&">' }));
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(() => app.close());

/** What a page loads: addresses, resolved against the page's own. */
async function loadedBy(path: string): Promise<string[]> {
  const html = await (await fetch(url + path)).text();
  const links = [...html.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? "");
  return links.map((link) => new URL(link, url + path).href);
}

describe("the document at /openapi.json", () => {
  test("is JSON", async () => {
    const response = await fetch(`${url}/openapi.json`);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await response.json()).toEqual(document);
  });

  test("is compressed for who takes it", async () => {
    const response = await fetch(`${url}/openapi.json`, { headers: { "accept-encoding": "gzip, br" } });
    expect(response.headers.get("content-encoding")).toBe("br");
    expect(response.headers.get("vary")).toBe("accept-encoding");
    expect(await response.json()).toEqual(document);
    const plain = await app.inject({ url: "/openapi.json" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.headers.vary).toBe("accept-encoding");
  });

  test("is sent again only where it has changed", async () => {
    const { headers } = await app.inject({ url: "/openapi.json" });
    const tag = String(headers.etag);
    const again = await app.inject({ url: "/openapi.json", headers: { "if-none-match": tag } });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, "", tag]);
    expect(again.headers.vary).toBe("accept-encoding");
  });

  test.each(["W/", "", 'W/"old", W/', 'W/"old","older", '])("is known by its tag behind %j", async (before) => {
    const tag = String((await app.inject({ url: "/openapi.json" })).headers.etag).slice("W/".length);
    const headers = { "if-none-match": before + tag };
    expect((await app.inject({ url: "/openapi.json", headers })).statusCode).toBe(304);
  });

  test.each([
    ["*", 304],
    ['W/"old"', 200],
    ["no tag", 200],
    ["", 200],
  ])("answers If-None-Match %j with %d", async (text, status) => {
    const headers = { "if-none-match": text };
    expect((await app.inject({ url: "/openapi.json", headers })).statusCode).toBe(status);
  });

  test("is not known by a tag that has its own within", async () => {
    const tag = String((await app.inject({ url: "/openapi.json" })).headers.etag).slice("W/".length, -1);
    const headers = { "if-none-match": `${tag}-2"` };
    expect((await app.inject({ url: "/openapi.json", headers })).statusCode).toBe(200);
  });

  test("varies also by what its host's answers vary by", async () => {
    const host = Fastify();
    host.addHook("onRequest", async (_request, reply) => {
      reply.header("vary", "Origin");
    });
    await host.register(docsRoutes({ document, title: "Kitchen" }));
    const { headers } = await host.inject({ url: "/openapi.json" });
    expect(headers.vary).toBe("Origin, accept-encoding");
    await host.close();
  });
});

describe.each(["/docs", "/redoc"])("the page at %s", (path) => {
  test("is HTML with its title escaped", async () => {
    const response = await fetch(url + path);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await response.text()).toContain("<title>Kitchen &lt;&quot;&amp;&quot;&gt;</title>");
  });

  test("may load from its own server alone, and run no script and apply no style of its own text", async () => {
    const response = await fetch(url + path);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await response.text();
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
  });

  test("loads what this server has, under addresses that change with the content", async () => {
    const links = await loadedBy(path);
    expect(links).toHaveLength(4);
    for (const link of links) {
      expect(link).toMatch(new RegExp(`^${url}${path}/[\\w.-]+\\?v=[0-9a-f]{16}$`));
      const response = await fetch(link);
      expect(response.status, link).toBe(200);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(30);
    }
  });

  test("has scripts and styles of their content types, compressed", async () => {
    const links = await loadedBy(path);
    const found = await Promise.all(links.map((link) => fetch(link, { headers: { "accept-encoding": "br" } })));
    expect(found.map(({ headers }) => headers.get("content-type")).sort()).toEqual([
      "image/png",
      "text/css; charset=utf-8",
      "text/javascript; charset=utf-8",
      "text/javascript; charset=utf-8",
    ]);
    expect(found.map(({ headers }) => headers.get("content-encoding"))).toEqual(Array(4).fill("br"));
  });

  test("is also found with a slash behind it", async () => {
    const response = await fetch(`${url}${path}/`, { redirect: "manual" });
    expect(response.status).toBe(308);
    expect(new URL(response.headers.get("location") ?? "", `${url}${path}/`).href).toBe(url + path);
  });

  test("serves nothing else of the packages", async () => {
    const names = ["package.json", "swagger-ui-bundle.js.map", "redoc.standalone.js.map", "..%2fpackage.json"];
    for (const name of names) expect((await fetch(`${url}${path}/${name}`)).status, name).toBe(404);
  });
});

test("/docs remembers the key that the reader gives it", async () => {
  const start = (await loadedBy("/docs")).find((link) => link.includes("-start.js")) ?? "";
  expect(await (await fetch(start)).text()).toContain("persistAuthorization: true");
});
