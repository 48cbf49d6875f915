import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** A file that the page loads. Its URL changes with its content, so that it can be kept for ever. */
export type DocsAsset = {
  /** The file's name, also the last segment of its path. */
  readonly name: string;
  /** With the content's digest: `swagger-ui.css?v=…`. */
  readonly url: string;
  readonly type: string;
  readonly content: Buffer;
};

/** The page's style, scripts and icon: those of Swagger UI, and the script that starts it. */
export type DocsAssets = Readonly<Record<"style" | "bundle" | "start" | "icon", DocsAsset>>;

/** Reads the files that the page loads. */
export async function readDocsAssets(): Promise<DocsAssets> {
  const { resolve } = createRequire(import.meta.url);
  const [style, bundle, start, icon] = await Promise.all([
    readAsset(resolve("swagger-ui-dist/swagger-ui.css"), "text/css; charset=utf-8"),
    readAsset(resolve("swagger-ui-dist/swagger-ui-bundle.js"), "text/javascript; charset=utf-8"),
    readAsset(fileURLToPath(new URL("page/start.js", import.meta.url)), "text/javascript; charset=utf-8"),
    readAsset(resolve("swagger-ui-dist/favicon-32x32.png"), "image/png"),
  ]);
  return { style, bundle, start, icon };
}

async function readAsset(file: string, type: string): Promise<DocsAsset> {
  const content = await readFile(file);
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const name = basename(file);
  return { name, url: `${name}?v=${digest}`, type, content };
}
