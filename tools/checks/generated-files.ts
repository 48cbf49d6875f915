import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GENERATED, generate } from "../generate.ts";
import { complaintOf } from "./check.ts";

/** Generates everything anew into a temporary folder; resolves with how the tree differs from it, empty where not. */
export async function findStaleFiles(): Promise<string> {
  const fresh = await mkdtemp(join(tmpdir(), "parley-generated-"));
  try {
    await generate(fresh);
    const complaints = [];
    for (const path of GENERATED) {
      complaints.push(await complaintOf("git", ["diff", "--no-index", "--exit-code", path, join(fresh, path)]));
    }
    return complaints.filter(Boolean).join("\n");
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
