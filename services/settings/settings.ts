import { z } from "zod";
import { ACCOUNT_SETTINGS } from "./account-settings.ts";
import { CACHE_SETTINGS } from "./cache-settings.ts";
import { CAPACITY_SETTINGS } from "./capacity-settings.ts";
import { LIMIT_SETTINGS } from "./limit-settings.ts";
import { PROCESS_SETTINGS } from "./process-settings.ts";
import { SERVING_SETTINGS } from "./serving-settings.ts";
import { STORE_SETTINGS } from "./store-settings.ts";
import { WRITE_SETTINGS } from "./write-settings.ts";

/** Each setting, by the name of its environment variable, with its default. `.env.example` explains each. */
const FIELDS = z.object({
  ...SERVING_SETTINGS,
  ...STORE_SETTINGS,
  ...ACCOUNT_SETTINGS,
  ...WRITE_SETTINGS,
  ...CAPACITY_SETTINGS,
  ...LIMIT_SETTINGS,
  ...CACHE_SETTINGS,
  ...PROCESS_SETTINGS,
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
