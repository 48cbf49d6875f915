import { SERVER_PROFILES, type ServerKind } from "./server-profiles.ts";

/** Where a server is reached. */
export type ServerAddress = {
  /** The value for MYSQL_URL, REDIS_URL, NATS_URL or ELASTICSEARCH_URL. */
  url: string;
  /** The value for NATS_MONITOR_URL, where it is a NATS that has one. */
  monitorUrl?: string;
};

const MONITOR = "NATS_MONITOR_URL";

/** The address that an environment gives of a kind of server. */
export function addressIn(environment: NodeJS.ProcessEnv, kind: ServerKind): ServerAddress | undefined {
  const url = environment[SERVER_PROFILES[kind].variable];
  if (!url) return undefined;
  const monitorUrl = kind === "nats" ? environment[MONITOR] : undefined;
  return monitorUrl ? { url, monitorUrl } : { url };
}

/** The environment that gives an address. */
export function environmentOf(kind: ServerKind, { url, monitorUrl }: ServerAddress): Record<string, string> {
  const environment = { [SERVER_PROFILES[kind].variable]: url };
  return monitorUrl ? { ...environment, [MONITOR]: monitorUrl } : environment;
}
