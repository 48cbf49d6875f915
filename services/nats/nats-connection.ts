import { connect, credsAuthenticator, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import type { Logger } from "pino";
import { readAuthority } from "../settings/authority.ts";
import { readSettingFile } from "../settings/setting-file.ts";
import { NatsLink } from "./nats-link.ts";

/** How NATS is reached. */
export type NatsOptions = {
  /** `nats://host:port` or `tls://host:port`; user and password may be in the first, and are for all. */
  servers: readonly string[];
  credentialsFile?: string | undefined;
  caFile?: string | undefined;
  /** What NATS shows of this client. */
  name: string;
  log: Logger;
};

/** The oldest server: the first that promises what its cluster has stored to the reader of its leader. */
const OLDEST = { major: 2, minor: 12 };
const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_WAIT_MS = 100;
/** A connection that is silent for two of these is dead. */
const PING_INTERVAL_MS = 5_000;

/** Connects to NATS, and from then on again whenever the connection is lost. Rejects, naming the setting, where it cannot be. */
export async function connectNats({ servers, credentialsFile, caFile, name, log }: NatsOptions): Promise<NatsLink> {
  const addresses = servers.map((server) => new URL(server));
  const options: NodeConnectionOptions = {
    servers: addresses.map(({ hostname, port }) => `${hostname}:${port || 4_222}`),
    name,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    pingInterval: PING_INTERVAL_MS,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(await tlsOptions(addresses, caFile)),
    ...(await credentials(addresses[0]!, credentialsFile)),
  };
  const client = await connect(options).catch((error: Error) => {
    throw new Error(`NATS_URL ${options.servers} cannot be used: ${error.message || error.name}`, { cause: error });
  });
  return acceptVersion(client, log);
}

async function tlsOptions(addresses: readonly URL[], caFile: string | undefined) {
  const ca = await readAuthority({ NATS_TLS_CA_FILE: caFile }, "NATS_TLS_CA_FILE");
  if (ca !== undefined) return { tls: { ca: ca.toString() } };
  return addresses.some(({ protocol }) => protocol === "tls:") ? { tls: {} } : {};
}

async function credentials({ username, password }: URL, credentialsFile: string | undefined) {
  if (credentialsFile !== undefined) {
    return { authenticator: credsAuthenticator(await readSettingFile("NATS_CREDENTIALS_FILE", credentialsFile)) };
  }
  return username === "" ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

async function acceptVersion(client: NatsConnection, log: Logger): Promise<NatsLink> {
  const version = client.info?.version ?? "0.0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return new NatsLink(client, log);
  await client.close();
  const oldest = `${OLDEST.major}.${OLDEST.minor}`;
  throw new Error(
    `NATS at ${client.getServer()} is version ${version}; Parley needs ${oldest} or newer: upgrade the server`,
  );
}
