import type { CounterName } from "./numbering.ts";

/** The key of a counter; that of a chat begins with its application's and a slash. */
export function counterKey({ application, chat }: CounterName): string {
  return chat === undefined ? application : `${application}/${chat}`;
}
