import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { readDocsAssets } from "../../../../edge/docs/page/docs-assets.ts";
import { REDOC_POLICY } from "../../../../edge/docs/page/docs-page.ts";
import packageJson from "../../../../package.json" with { type: "json" };

const require = createRequire(import.meta.url);

async function readBundle(): Promise<string> {
  const { redoc } = await readDocsAssets();
  const { body } = await redoc.scripts[0]!.content(undefined);
  return body.toString();
}

test("Redoc's bundle loads nothing from its maker's server", async () => {
  expect(await readBundle()).not.toContain("cdn.redoc");
});

test("the policy allows the two style elements that the bundle adds", async () => {
  const [, css, map] =
    /\.push\(\[\w+\.id,("(?:[^"\\]|\\.)*"),"",(\{version:3,.*?\})\]\)/s.exec(await readBundle()) ?? [];
  const style = JSON.parse(css ?? "") as string;
  const source = JSON.stringify(evaluate(map ?? ""));
  // As style-loader writes it.
  const text = `${style}\n/*# sourceMappingURL=data:application/json;base64,${Buffer.from(source).toString("base64")} */`;
  const hashes = [text, ""].map((content) => createHash("sha256").update(content).digest("base64"));
  for (const hash of hashes) expect(REDOC_POLICY[0]).toContain(`'sha256-${hash}'`);
});

/** The value of an object literal in the bundle. */
function evaluate(literal: string): unknown {
  return new Function(`return ${literal}`)();
}

test("of Redoc's dependencies, which its bundle holds, none is installed", () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(require.resolve("redoc/package.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  const needed = Object.keys({ ...dependencies, ...peerDependencies }).sort();
  const overrides: Record<string, string> = packageJson.overrides.redoc;
  expect(Object.keys(overrides).sort()).toEqual(needed);
  expect(new Set(Object.values(overrides))).toEqual(new Set(["npm:empty-npm-package@1.0.0"]));
});
