import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { bareHost } from "../settings/addresses.ts";
import { readAuthority } from "../settings/authority.ts";
import type { Settings } from "../settings/settings.ts";
import { checkRedisServer, RedisServerError } from "./redis-server.ts";

/** How long a command may take, and a connection to be made, in milliseconds. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_FIRST_MS = 50;
const RETRY_LAST_MS = 1_000;

/**
 * Nothing is queued while there is no connection, and nothing is sent twice: a command that came late could speak of
 * numbers that were lost since.
 */
const SAFE: RedisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepAlive: 10_000,
  lazyConnect: true,
  retryStrategy: (times) => Math.min(RETRY_FIRST_MS * 2 ** (times - 1), RETRY_LAST_MS),
  // A primary that became a replica: find the new one.
  reconnectOnError: ({ message }) => message.startsWith("READONLY"),
};

type RedisSettings = Pick<
  Settings,
  "REDIS_URL" | "REDIS_SENTINELS" | "REDIS_SENTINEL_NAME" | "REDIS_TLS_CA_FILE" | "INSTALLATION"
>;

/** What a server says to who has the wrong password, rights or database: trying again is of no use. */
const REFUSAL = /NOAUTH|WRONGPASS|NOPERM|DB index/;

/**
 * Connects to Redis, by REDIS_URL or through REDIS_SENTINELS, and checks that the server is set up as numbers need it.
 * Where it cannot be reached yet, that is logged, and the connection is made as soon as it can.
 *
 * @throws SettingsError for a certificate that cannot be read; RedisServerError for a server that must not be used
 */
export async function connectRedis(settings: RedisSettings, log: Logger): Promise<Redis> {
  const redis = new Redis(await optionsOf(settings));
  let problem = "";
  let refusal: Error | undefined;
  redis.on("error", (err: Error) => {
    if (REFUSAL.test(err.message)) refusal ??= err;
    // A text that tells how long it waits is the same problem all the same.
    const text = err.message.replaceAll(/\d+/g, "");
    if (text !== problem) log.warn({ err }, "Redis cannot be reached; it will be tried again");
    problem = text;
  });
  redis.on("ready", () => {
    problem = "";
    checkRedisServer(redis).catch((err) => log.error({ err }, "Redis is not set up as Parley needs it"));
  });
  const isConnected = await redis.connect().then(
    () => true,
    () => false,
  );
  if (refusal) closeAndThrow(redis, new RedisServerError(`REDIS_URL cannot be used: ${refusal.message}`));
  if (isConnected) await checkOrClose(redis);
  return redis;
}

async function checkOrClose(redis: Redis): Promise<void> {
  await checkRedisServer(redis).catch((error) => {
    if (error instanceof RedisServerError) closeAndThrow(redis, error);
  });
}

function closeAndThrow(redis: Redis, error: Error): never {
  redis.disconnect();
  throw error;
}

async function optionsOf(settings: RedisSettings): Promise<RedisOptions> {
  const url = new URL(settings.REDIS_URL!);
  const access: RedisOptions = {
    ...SAFE,
    connectionName: settings.INSTALLATION,
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    db: Number(url.pathname.slice(1) || 0),
  };
  const tls = url.protocol === "rediss:" ? { ca: await readAuthority(settings, "REDIS_TLS_CA_FILE") } : undefined;
  const sentinels = settings.REDIS_SENTINELS?.map((text) => {
    const { hostname, port } = new URL(`redis://${text}`);
    return { host: bareHost(hostname), port: Number(port) };
  });
  if (sentinels === undefined) return { ...access, tls, host: bareHost(url.hostname), port: Number(url.port || 6379) };
  const name = settings.REDIS_SENTINEL_NAME;
  return { ...access, tls, sentinels, name, sentinelTLS: tls, enableTLSForSentinelMode: tls !== undefined };
}
