import { spawn } from "node:child_process";
import { once } from "node:events";
import { glob, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import type { TranscodeOptions } from "../../../edge/transcode/index.ts";

const readme = await readFile("edge/transcode/README.md", "utf8");

/** The code of a block, by its language and what stands behind it. */
function blockOf(kind: string): string {
  const [, code] = new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, "ms").exec(readme) ?? [];
  if (code === undefined) throw new Error(`README has no block ${kind}`);
  return code;
}

/** The cells of the table whose first row begins with this, row by row, without the first row. */
function tableOf(firstCell: string): string[][] {
  const lines = readme.slice(readme.indexOf(`| ${firstCell} |`)).split("\n");
  const rows = lines.slice(2, lines.indexOf(""));
  return rows.map((row) => row.slice(2, -2).split(" | "));
}

describe("the example", () => {
  /** Runs it as Node does, on a port of its own. */
  async function start(): Promise<string> {
    const child = spawn(process.execPath, ["--input-type=module-typescript"], { env: { ...process.env, PORT: "0" } });
    onTestFinished(() => void child.kill());
    child.stderr.pipe(process.stderr);
    child.stdin.end(blockOf("ts example.ts"));
    const [address] = (await once(createInterface(child.stdout), "line")) as [string];
    return address;
  }

  test("answers as README says", async () => {
    const address = await start();
    const form = /^\$ curl -s (?:-H '(.+?): (.+?)' )?"http:\/\/127\.0\.0\.1:\$\{PORT:-8080\}(.+?)"\n((?:[^$].*\n)+)/gm;
    const exchanges = [...blockOf("console").matchAll(form)];
    expect(exchanges).toHaveLength(3);
    for (const [, header, value, path, answer] of exchanges) {
      const headers = header === undefined ? {} : { [header]: value! };
      const response = await fetch(address + path!, { headers });
      expect((await response.text()).trimEnd()).toBe(answer!.trimEnd());
    }
  });
});

test("the table of options has each option, once", () => {
  const options = {
    services: true,
    transport: true,
    headerFields: true,
    forwardedHeaders: true,
    returnedHeaders: true,
    defaultTimeoutMs: true,
    maxTimeoutMs: true,
    heartbeatMs: true,
    unknownFields: true,
    unknownParameters: true,
    unknownPathHint: true,
    json: { enumsAsNumbers: true, printDefaults: true, protoNames: true },
    registry: true,
    errorInfo: true,
    contextValues: true,
    onRoute: true,
    onAnswer: true,
    onError: true,
  } satisfies Record<keyof Required<TranscodeOptions>, object | boolean> & {
    json: Record<keyof NonNullable<TranscodeOptions["json"]>, boolean>;
  };
  const names = Object.entries(options).flatMap(([name, value]) =>
    typeof value === "object" ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name],
  );
  expect(tableOf("option").map(([name]) => name)).toEqual(names.map((name) => `\`${name}\``));
});

describe("the table of features", async () => {
  const rows = tableOf("feature");
  /** The titles of tests and of groups of them, by file. */
  const titles = new Map<string, Set<string>>();
  for await (const path of glob("test/edge/{transcode,docs}/**/*.test.ts")) {
    const found = (await readFile(path, "utf8")).matchAll(/(?:\b(?:test|describe)|\))\(\s*("(?:[^"\\]|\\.)*"),/g);
    const name = basename(path, ".test.ts");
    const known = titles.get(name) ?? [];
    titles.set(name, new Set([...known, ...[...found].map(([, title]) => JSON.parse(title!) as string)]));
  }

  test("has rows, of which none is there twice", () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(new Set(rows.map(([feature]) => feature)).size).toBe(rows.length);
  });

  test.each(rows)("says yes, no, partly or ? of each: %s", (_feature, ...cells) => {
    expect(cells).toHaveLength(6);
    for (const cell of cells.slice(0, -1)) expect(cell).toMatch(/^(yes|no|partly|\?)(: .+)?$/);
  });

  test.each(rows)("names tests that are there: %s", (_feature, ...cells) => {
    const shown = [...cells.at(-1)!.matchAll(/`(.+?)`(?:, |$)/g)].map(([, test]) => test!);
    expect(shown.map((test) => `\`${test}\``).join(", ")).toBe(cells.at(-1));
    for (const name of shown) {
      const [file = "", title = ""] = name.split(/: (.*)/s);
      expect([...(titles.get(file) ?? [])], `${file}.test.ts`).toContain(title);
    }
  });
});
