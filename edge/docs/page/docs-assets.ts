import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type DocsFile, docsFile } from "./docs-file.ts";

/** What a page loads. */
export type PageAssets = { readonly styles: readonly DocsFile[]; readonly scripts: readonly DocsFile[] };

/** The pages' files: those of Swagger UI and Redoc, and the scripts that start them. */
export type DocsAssets = { readonly icon: DocsFile; readonly swagger: PageAssets; readonly redoc: PageAssets };

const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

/** Reads the files that the pages load. */
export async function readDocsAssets(): Promise<DocsAssets> {
  const require = createRequire(import.meta.url);
  const [icon, style, swagger, startSwagger, redocStyle, redoc, startRedoc] = await Promise.all([
    readFile(require.resolve("swagger-ui-dist/favicon-32x32.png")),
    readFile(require.resolve("swagger-ui-dist/swagger-ui.css")),
    readFile(require.resolve("swagger-ui-dist/swagger-ui-bundle.js")),
    readOwn("swagger-start.js"),
    readOwn("redoc.css"),
    readFile(require.resolve("redoc/bundles/redoc.standalone.js")),
    readOwn("redoc-start.js"),
  ]);
  return {
    icon: docsFile("favicon.png", "image/png", icon),
    swagger: {
      styles: [docsFile("swagger-ui.css", CSS, style)],
      scripts: [docsFile("swagger-ui-bundle.js", SCRIPT, swagger), docsFile("swagger-start.js", SCRIPT, startSwagger)],
    },
    redoc: {
      styles: [docsFile("redoc.css", CSS, redocStyle)],
      scripts: [
        docsFile("redoc.standalone.js", SCRIPT, withoutRemoteLogo(redoc)),
        docsFile("redoc-start.js", SCRIPT, startRedoc),
      ],
    },
  };
}

function readOwn(name: string): Promise<Buffer> {
  return readFile(fileURLToPath(new URL(name, import.meta.url)));
}

/** Redoc shows its maker's logo from its maker's server, which would learn of every reader. */
function withoutRemoteLogo(bundle: Buffer): Buffer {
  const empty = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";
  return Buffer.from(bundle.toString("utf8").replaceAll("https://cdn.redoc.ly/redoc/logo-mini.svg", empty));
}
