/** A process of each role, by its name in a stack. */
export const ROLE_PROCESSES = ["api-1", "edge", "writer", "indexer", "scheduler"];

/** The role of a process. */
export function roleOf(process: string): string {
  return process.replace(/-\d+$/, "");
}
