import { MissingServerError } from "../../servers/real-server.ts";
import { isInstalled } from "../../system-call-trace.ts";
import type { ServerSet } from "../stack/server-set.ts";
import type { FaultCase } from "./fault-case.ts";

/** What a case needs and cannot be had here, in words; undefined where nothing is missing. */
export async function findMissingNeed(
  { needs, programs = [] }: FaultCase,
  servers: ServerSet,
): Promise<string | undefined> {
  for (const program of programs) if (!isInstalled(program, "--version")) return `${program} is not installed`;
  for (const kind of needs) {
    try {
      await servers.get(kind);
    } catch (error) {
      if (error instanceof MissingServerError) return error.message;
      throw error;
    }
  }
  return undefined;
}
