import { createHash } from "node:crypto";
import { type CodedContent, codedContent } from "./coded-content.ts";

/** A file that a page loads. Its URL changes with its content, so that it can be kept for ever. */
export type DocsFile = {
  /** The last segment of its path. */
  readonly name: string;
  /** With the content's digest: `swagger-ui.css?v=…`. */
  readonly url: string;
  readonly type: string;
  readonly content: CodedContent;
};

export function docsFile(name: string, type: string, content: Buffer): DocsFile {
  return { name, url: `${name}?v=${digest(content)}`, type, content: codedContent(content) };
}

/** The first 64 bits of a content's SHA-256, in hex. */
export function digest(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
