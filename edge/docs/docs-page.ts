import type { DocsAssets } from "./docs-assets.ts";

/** The page takes scripts, styles and answers from its own server, and nothing from anywhere else. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * The page at `/docs`. Its addresses are relative, so that it also works below a path of a proxy.
 *
 * @param title text
 */
export function renderPage(title: string, { style, bundle, start, icon }: DocsAssets): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="docs/${style.url}">
<link rel="icon" type="image/png" href="docs/${icon.url}">
<script defer src="docs/${bundle.url}"></script>
<script defer src="docs/${start.url}"></script>
</head>
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
