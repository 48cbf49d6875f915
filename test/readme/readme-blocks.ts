import { readFile } from "node:fs/promises";

const BLOCK = /^```(\w+) (\w+)\n(.*?)^```$/gms;

/** The code of README's blocks that are marked for execution, by their mark: the word after the language. */
export async function readBlocks(): Promise<Map<string, string>> {
  const blocks = new Map<string, string>();
  for (const [, , mark, code] of (await readFile("README.md", "utf8")).matchAll(BLOCK)) {
    blocks.set(mark!, (blocks.get(mark!) ?? "") + code);
  }
  return blocks;
}
