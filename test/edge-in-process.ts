import { pino } from "pino";
import { type Edge, startEdge } from "../edge/edge.ts";
import { readSettings } from "../services/settings/settings.ts";

/** An edge of its own in the test's process, on free ports, in front of servers at `host:port`s with commas between. */
export function startEdgeBefore(addresses: string, environment: Record<string, string> = {}): Promise<Edge> {
  const settings = readSettings({ PORT: "0", LOG_LEVEL: "silent", API_ADDRESSES: addresses, ...environment });
  return startEdge(settings, pino({ level: "silent" }));
}
