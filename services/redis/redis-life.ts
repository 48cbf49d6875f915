import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Epoch } from "../write-queue/write-queue.ts";

/**
 * A life of the numbers in Redis: an epoch, and the script that alone reads and writes its keys. A Redis that has the
 * script has not restarted since, nor is it a replica that was promoted; that it was none in between, and did not lose
 * its keys, is what the script checks: it forgot nothing.
 */
export type Life = {
  epoch: number;
  /** What every key of it begins with. */
  prefix: string;
  /** The script's text, and the SHA-1 under which Redis knows it. */
  text: string;
  sha: string;
};

const PARTS = ["keys", "number", "counter", "recents", "run"].map((name) =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8"),
);

/** What the keys of every life of an installation begin with. */
export function livesPrefix(installation: string): string {
  return `parley:${installation}:`;
}

/** The life of an epoch. */
export function lifeOf(installation: string, { epoch, life }: Epoch): Life {
  const prefix = `${livesPrefix(installation)}${epoch}:${life}:`;
  const text = [`local PREFIX = '${prefix}'`, ...PARTS].join("\n");
  return { epoch, prefix, text, sha: createHash("sha1").update(text).digest("hex") };
}
