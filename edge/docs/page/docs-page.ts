import type { PageAssets } from "./docs-assets.ts";
import type { DocsFile } from "./docs-file.ts";

/** A page that shows the document. */
export type DocsPage = PageAssets & {
  /** The page's path, and the folder of its files: `docs`. */
  readonly path: string;
  /** Text. */
  readonly title: string;
  readonly icon: DocsFile;
  /** What the page may load, beside scripts and answers from its own server: directives of a policy. */
  readonly policy: readonly string[];
};

/** Swagger UI has its styles in a file, and its icons in them. */
export const SWAGGER_POLICY = ["style-src 'self'", "img-src 'self' data:"];

const EMPTY_STYLE = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const SCROLL_BAR_STYLE = "sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc=";

/**
 * Redoc adds two style elements: an empty one, whose rules a script sets, and that of its scroll bars. Their digests
 * allow them and no other. Its search works in a worker made from the script's own text; its icons are in its styles.
 */
export const REDOC_POLICY = [
  `style-src 'self' '${EMPTY_STYLE}' '${SCROLL_BAR_STYLE}'`,
  "img-src 'self' data:",
  "worker-src blob:",
];

/** The page's Content-Security-Policy: nothing comes from another server, and no script from the page's own text. */
export function contentSecurityPolicy({ policy }: DocsPage): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    ...policy,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The page's HTML. Its addresses are relative, so that it also works below a path of a proxy. */
export function renderPage({ path, title, icon, styles, scripts }: DocsPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="${icon.type}" href="${path}/${icon.url}">
${styles.map(({ url }) => `<link rel="stylesheet" href="${path}/${url}">\n`).join("")}${scripts
  .map(({ url }) => `<script defer src="${path}/${url}"></script>\n`)
  .join("")}</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript. The document it shows is <a href="openapi.json">openapi.json</a>.</noscript>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
