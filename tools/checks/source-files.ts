import { readFile } from "node:fs/promises";
import { runCommand } from "../command.ts";

/** A file of the tree; paths are relative to its top. */
export type SourceFile = { path: string; text: string };

/** Every text file that is committed or would be. */
export async function readSourceFiles(): Promise<SourceFile[]> {
  const { code, stdout, output } = await runCommand("git", ["ls-files", "-z", "-co", "--exclude-standard"]);
  if (code !== 0) throw new Error(output);
  const paths = new Set(stdout.toString().split("\0").filter(Boolean));
  const files = await Promise.all([...paths].map(readText));
  return files.filter(({ text }) => !text.includes("\0"));
}

/** A file that is deleted and not yet committed counts as empty. */
async function readText(path: string): Promise<SourceFile> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return { path, text };
}
