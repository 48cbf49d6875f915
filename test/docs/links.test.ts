import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readSourceFiles } from "../../tools/checks/source-files.ts";

/** `](path)`, `](path#heading)`, `](#heading)`; not what has a scheme. */
const LINK = /\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g;
const FENCE = /^(`{3,})[^\n]*\n.*?^\1$/gms;

const pages = (await readSourceFiles()).filter(({ path, text }) => path.endsWith(".md") && text !== "");
const links = pages.flatMap(({ path, text }) =>
  [...text.replaceAll(FENCE, "").matchAll(LINK)].map(([, target = "", heading]) => ({ path, target, heading })),
);

/** A heading's anchor as GitHub makes it. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(FENCE, "").matchAll(/^#+ +(.+)$/gm);
  return [...headings].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("there are pages with links", () => {
  expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(["README.md", "docs/architecture.md"]));
  expect(links.length).toBeGreaterThan(20);
});

test.each(links)("$path links to $target#$heading, which exists", async ({ path, target, heading }) => {
  const file = target === "" ? path : join(dirname(path), target);
  await expect(access(file)).resolves.toBeUndefined();
  if (heading) expect(anchorsOf(pages.find((page) => page.path === file)?.text ?? "")).toContain(heading);
});
