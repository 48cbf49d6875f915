import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docsRoutes } from "../../../edge/docs/index.ts";
import { createKitchenDocument } from "./contract.ts";

const document = createKitchenDocument();
const app: FastifyInstance = Fastify();
let url: string;

beforeAll(async () => {
  await app.register(docsRoutes({ document, title: 'Kitchen <"&">' }));
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(() => app.close());

/** What the page loads: addresses, resolved against the page's own. */
async function loadedByPage(): Promise<string[]> {
  const html = await (await fetch(`${url}/docs`)).text();
  const links = [...html.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? "");
  return links.map((link) => new URL(link, `${url}/docs`).href);
}

test("the document is at /openapi.json", async () => {
  const response = await fetch(`${url}/openapi.json`);
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(await response.json()).toEqual(document);
});

describe("the page at /docs", () => {
  test("is HTML with its title escaped", async () => {
    const response = await fetch(`${url}/docs`);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await response.text()).toContain("<title>Kitchen &lt;&quot;&amp;&quot;&gt;</title>");
  });

  test("may load from its own server alone, and run no script of its own text", async () => {
    const response = await fetch(`${url}/docs`);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await response.text();
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
  });

  test("loads what this server has, under addresses that change with the content", async () => {
    const links = await loadedByPage();
    expect(links).toHaveLength(4);
    for (const link of links) {
      expect(link).toMatch(new RegExp(`^${url}/docs/[\\w.-]+\\?v=[0-9a-f]{16}$`));
      const response = await fetch(link);
      expect(response.status, link).toBe(200);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(300);
    }
  });

  test("has scripts and styles of their content types", async () => {
    const links = await loadedByPage();
    const types = await Promise.all(links.map(async (link) => (await fetch(link)).headers.get("content-type")));
    expect(types.sort()).toEqual([
      "image/png",
      "text/css; charset=utf-8",
      "text/javascript; charset=utf-8",
      "text/javascript; charset=utf-8",
    ]);
  });

  test("remembers the key that the reader gives it", async () => {
    const start = (await loadedByPage()).find((link) => link.includes("/start.js")) ?? "";
    expect(await (await fetch(start)).text()).toContain("persistAuthorization: true");
  });

  test("is also found with a slash behind it", async () => {
    const response = await fetch(`${url}/docs/`, { redirect: "manual" });
    expect(response.status).toBe(308);
    expect(new URL(response.headers.get("location") ?? "", `${url}/docs/`).href).toBe(`${url}/docs`);
  });
});

test("nothing else of the package is served", async () => {
  for (const path of ["/docs/package.json", "/docs/swagger-ui-bundle.js.map", "/docs/..%2fpackage.json"]) {
    expect((await fetch(url + path)).status, path).toBe(404);
  }
});
