import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

/** A script that Redis is sent once, and called by its hash from then on; again where a Redis does not know it, or no longer. */
export class StoredScript {
  readonly #text: string;
  readonly #sha: string;

  /** @param name of a file in the folder `scripts` */
  constructor(name: "facts" | "count-calls" | "give-back") {
    this.#text = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");
    this.#sha = createHash("sha1").update(this.#text).digest("hex");
  }

  /** What the script replies; rejects where Redis does. */
  async run(redis: Redis, keys: readonly string[], parameters: readonly (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...parameters);
    } catch (error) {
      if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
      return redis.eval(this.#text, keys.length, ...keys, ...parameters);
    }
  }
}
