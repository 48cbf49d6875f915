import { describe } from "vitest";
import { CachedFacts } from "../../../services/facts/cached-facts.ts";
import { CONTRACT_MAX, CONTRACT_TTL_MS, describeCachedFacts } from "./cached-facts-contract.ts";

describe("facts in one process", () => {
  describeCachedFacts(async (source) => ({
    processes: [new CachedFacts({ source, ttlMs: CONTRACT_TTL_MS, max: CONTRACT_MAX })],
    close: async () => undefined,
  }));
});
