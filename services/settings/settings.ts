import { z } from "zod";
import { ADMIN_KEY_RULE, isAdminKey } from "../auth/admin-key.ts";
import { isTokenSecret, TOKEN_SECRET_RULE } from "../token/token-secret.ts";
import { address, addresses, addressWithoutUser, hosts } from "./addresses.ts";
import { duration } from "./duration.ts";
import { mailLink } from "./mail-link.ts";
import { origins } from "./origins.ts";
import { proxies } from "./proxies.ts";

const wholeNumber = (min: number, max: number) => {
  const range = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, range)
    .transform(Number)
    .refine((value) => value >= min && value <= max, range);
};

const integer = (standard: number, min: number, max: number) => wholeNumber(min, max).prefault(String(standard));

const flag = (standard: boolean) =>
  z
    .enum(["true", "false"], "must be true or false")
    .default(standard ? "true" : "false")
    .transform((text) => text === "true");

/** On which port something is served: that of the callers, the private one, or none. */
const place = () => z.enum(["public", "private", "off"], "must be public, private or off").default("public");

/** How often something may be done in a time; 0 is as often as one likes. */
const limit = (standard: number) => integer(standard, 0, 2_147_483_647);

/** What becomes of limits where they cannot be counted together. */
const whenAway = (standard: "open" | "closed") =>
  z.enum(["open", "closed"], "must be open or closed").default(standard);

const MiB = 1_048_576;

/** Each setting, by the name of its environment variable, with its default. `.env.example` explains each. */
const FIELDS = z.object({
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: integer(8080, 0, 65_535),
  GRPC_PORT: integer(50_051, 0, 65_535),
  PRIVATE_HOST: z.string().min(1).default("127.0.0.1"),
  PRIVATE_PORT: wholeNumber(0, 65_535).optional(),
  DOCS: place(),
  METRICS: place(),
  REFLECTION: flag(true),
  TLS_CERT_FILE: z.string().min(1).optional(),
  TLS_KEY_FILE: z.string().min(1).optional(),
  CORS_ORIGINS: origins(),
  TRUST_PROXY: proxies(),
  TRUST_EDGE: proxies("loopback,linklocal,uniquelocal"),
  DATA_DIR: z.string().min(1).default("./data"),
  INSTALLATION: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, "must be 1 to 32 lower-case letters, digits and hyphens, a letter first")
    .default("parley"),
  MYSQL_URL: address("mysql"),
  MYSQL_POOL_MAX: integer(10, 2, 1_000),
  MYSQL_TLS_CA_FILE: z.string().min(1).optional(),
  REDIS_URL: address("redis", "rediss").refine(
    (text) => text === undefined || /^\/?\d{0,4}$/.test(new URL(text).pathname),
    "must end with the number of a database, if with anything, as in redis://host:6379/0",
  ),
  REDIS_SENTINELS: hosts(),
  REDIS_SENTINEL_NAME: z.string().min(1).default("mymaster"),
  REDIS_TLS_CA_FILE: z.string().min(1).optional(),
  NATS_URL: addresses("nats", "tls"),
  NATS_CREDENTIALS_FILE: z.string().min(1).optional(),
  NATS_TLS_CA_FILE: z.string().min(1).optional(),
  NATS_MONITOR_URL: addressWithoutUser("http", "https"),
  NATS_REPLICAS: integer(1, 1, 5).refine((copies) => copies % 2 === 1, "must be 1, 3 or 5"),
  ELASTICSEARCH_URL: addresses("http", "https"),
  ELASTICSEARCH_TLS_CA_FILE: z.string().min(1).optional(),
  API_ADDRESSES: hosts(),
  API_TLS_CA_FILE: z.string().min(1).optional(),
  ADMIN_KEY: z.string().refine(isAdminKey, `must be ${ADMIN_KEY_RULE}`).optional(),
  API_KEY_GRACE: duration("24h", { max: "365d" }),
  TOKEN_SECRET: z.string().refine(isTokenSecret, `must be ${TOKEN_SECRET_RULE}`).optional(),
  TOKEN_ISSUER: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/, "must be 1 to 256 printable ASCII characters")
    .default("parley"),
  TOKEN_KEY_LEAD: duration("5m", { max: "1d" }),
  ACCESS_TOKEN_TTL: duration("15m", { min: "1s", max: "15m" }),
  REFRESH_TOKEN_TTL: duration("30d", { min: "1s", max: "365d" }),
  REFRESH_RETRY: duration("10s", { max: "1m" }),
  SMTP_URL: address("smtp", "smtps"),
  MAIL_FROM: z
    .string()
    .regex(/^(?:[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, "must be like Parley <parley@host.example>")
    .optional(),
  MAIL_LINK_ACTIVATE: mailLink(),
  MAIL_LINK_RESET: mailLink(),
  ACTIVATION_TTL: duration("24h", { min: "1s", max: "30d" }),
  PASSWORD_RESET_TTL: duration("1h", { min: "1s", max: "7d" }),
  REQUEST_ID_TTL: duration("24h", { min: "1ms", max: "365d" }),
  COUNT_INTERVAL: duration("5m", { min: "10ms", max: "1h" }),
  RETENTION: duration("1h", { min: "1s", max: "30d" }),
  PUBLISH_TIMEOUT: duration("5s", { min: "100ms", max: "1m" }),
  EPOCH_WAIT: duration("2s", { min: "10ms", max: "1m" }),
  LEASE_TTL: duration("5s", { min: "100ms", max: "5m" }),
  REQUEST_MAX_BYTES: integer(256 * 1_024, 1_024, 64 * MiB),
  REQUEST_TIMEOUT: duration("30s", { min: "1ms", max: "5m" }),
  MEMBERS_MAX: integer(5_000, 1, 1_000_000),
  PAGE_SIZE_DEFAULT: integer(50, 1, 10_000),
  PAGE_SIZE_MAX: integer(500, 1, 10_000),
  CALLS_MAX: integer(10_000, 1, 1_000_000),
  PENDING_WRITES_MAX: integer(20_000, 1, 1_000_000),
  PENDING_BYTES_MAX: integer(64 * MiB, MiB, 4_096 * MiB),
  GROUP_MESSAGES_MAX: integer(1_000, 1, 3_500),
  GROUP_BYTES_MAX: integer(4 * MiB, 64 * 1_024, 64 * MiB),
  QUEUE_BYTES_MAX: integer(1_024 * MiB, MiB, 1_048_576 * MiB),
  RECENT_BYTES_MAX: integer(64 * MiB, 0, 65_536 * MiB),
  USER_MESSAGES_PER_MINUTE: limit(60),
  USER_MESSAGES_PER_DAY: limit(1_000),
  USER_CALLS_PER_MINUTE: limit(600),
  APPLICATION_CALLS_PER_MINUTE: limit(6_000_000),
  ADDRESS_CALLS_PER_MINUTE: limit(6_000),
  LOGIN_ATTEMPTS: limit(10),
  LOGIN_ATTEMPTS_PER_ADDRESS: limit(100),
  LIMITS_AWAY_MESSAGES: whenAway("open"),
  LIMITS_AWAY_LOGINS: whenAway("closed"),
  CACHE_PROFILE_TTL: duration("30m", { max: "1d" }),
  CACHE_CHAT_TTL: duration("10m", { max: "1d" }),
  CACHE_MESSAGE_TTL: duration("5m", { max: "1d" }),
  CACHE_ENTRIES_MAX: integer(100_000, 10, 10_000_000),
  SHUTDOWN_TIMEOUT: duration("15s"),
  LOG_LEVEL: z
    .enum(
      ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
      "must be trace, debug, info, warn, error, fatal or silent",
    )
    .default("info"),
  LOG_FILE: z.string().min(1).optional(),
  LOG_PRETTY: flag(false),
});

/** The settings, and what must hold between them. That is checked where those concerned are right by themselves. */
export const SETTINGS_SCHEMA = FIELDS.refine(
  ({ PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX }) => PAGE_SIZE_DEFAULT <= PAGE_SIZE_MAX,
  {
    path: ["PAGE_SIZE_DEFAULT"],
    message: "must not be above PAGE_SIZE_MAX",
    when: areRight("PAGE_SIZE_DEFAULT", "PAGE_SIZE_MAX"),
  },
)
  .refine(
    ({ DOCS, METRICS, PRIVATE_PORT }) => PRIVATE_PORT !== undefined || (DOCS !== "private" && METRICS !== "private"),
    {
      path: ["PRIVATE_PORT"],
      message: "must be set where DOCS or METRICS is private",
      when: areRight("DOCS", "METRICS", "PRIVATE_PORT"),
    },
  )
  .refine(({ REDIS_URL, REDIS_TLS_CA_FILE }) => REDIS_TLS_CA_FILE === undefined || REDIS_URL?.startsWith("rediss:"), {
    path: ["REDIS_URL"],
    message: "must begin with rediss:// where REDIS_TLS_CA_FILE is set",
    when: areRight("REDIS_URL", "REDIS_TLS_CA_FILE"),
  })
  .refine(...isSetWith("MAIL_FROM", "SMTP_URL"))
  .refine(...isSetWith("TLS_KEY_FILE", "TLS_CERT_FILE"))
  .refine(...isSetWith("TLS_CERT_FILE", "TLS_KEY_FILE"));

type Name = keyof typeof FIELDS.shape;

/** Whether none of these settings is among the mistakes found so far. */
function areRight(...names: Name[]) {
  return ({ issues }: z.core.ParsePayload): boolean =>
    !issues.some(({ path }) => names.some((name) => name === path?.[0]));
}

/** The rule that `name` is set where `other` is. */
function isSetWith(name: Name, other: Name) {
  const holds = (settings: z.infer<typeof FIELDS>) => settings[other] === undefined || settings[name] !== undefined;
  const rule = { path: [name], message: `must be set where ${other} is`, when: areRight(name, other) };
  return [holds, rule] satisfies [unknown, unknown];
}

/** The settings of a process; durations in milliseconds, sizes in bytes. */
export type Settings = z.infer<typeof SETTINGS_SCHEMA>;

/** Some settings are wrong; the message has a line for each. */
export class SettingsError extends Error {}

/** Reads the settings from an environment. An empty variable counts as not set. Every mistake is reported at once. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = SETTINGS_SCHEMA.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const value = given[name] === undefined ? "not set" : quote(name, given[name]);
    return `  ${name} is ${value}: ${message}`;
  });
  throw new SettingsError(`wrong settings:\n${lines.join("\n")}`);
}

/** A key, and addresses that may hold a password. */
const SECRETS: readonly string[] = [
  "ADMIN_KEY",
  "TOKEN_SECRET",
  "MYSQL_URL",
  "REDIS_URL",
  "NATS_URL",
  "NATS_MONITOR_URL",
  "ELASTICSEARCH_URL",
  "SMTP_URL",
];

/** A wrong value is shown, but never a secret. */
function quote(name: string, value: string): string {
  return SECRETS.includes(name) ? "a value that is not shown" : JSON.stringify(value);
}

/** The settings, of which these are set; a SettingsError names every one that is not. */
export function requireSettings<Required extends Name>(
  settings: Settings,
  who: string,
  names: readonly Required[],
): Settings & { [name in Required]-?: NonNullable<Settings[name]> } {
  const missing = names.filter((name) => settings[name] === undefined);
  if (missing.length === 0) return settings as never;
  const lines = missing.map((name) => `  ${name} is not set: ${who} needs it`);
  throw new SettingsError(`wrong settings:\n${lines.join("\n")}`);
}
