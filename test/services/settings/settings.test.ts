import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { createRpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import { readSettings, SETTINGS_SCHEMA, SettingsError } from "../../../services/settings/settings.ts";

const OPTIONAL = [
  ...["PRIVATE_PORT", "TLS_CERT_FILE", "TLS_KEY_FILE", "CORS_ORIGINS"],
  ...["MYSQL_URL", "MYSQL_TLS_CA_FILE", "REDIS_URL", "REDIS_SENTINELS", "REDIS_TLS_CA_FILE", "NATS_URL"],
  ...["NATS_CREDENTIALS_FILE", "NATS_TLS_CA_FILE", "NATS_MONITOR_URL", "ELASTICSEARCH_URL"],
  ...["ELASTICSEARCH_TLS_CA_FILE", "API_ADDRESSES", "API_TLS_CA_FILE", "ADMIN_KEY", "TOKEN_SECRET"],
  ...["SMTP_URL", "MAIL_FROM", "MAIL_LINK_ACTIVATE", "MAIL_LINK_RESET", "LOG_FILE"],
];

function mistakesIn(environment: Record<string, string>): string[] {
  try {
    readSettings(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message.split("\n").slice(1);
  }
  throw new Error("the settings were taken");
}

describe("settings", () => {
  test("have a default each, but for those that may be missing", () => {
    const settings = readSettings({});
    const missing = Object.keys(SETTINGS_SCHEMA.shape).filter(
      (name) => settings[name as keyof typeof settings] === undefined,
    );
    expect(missing).toEqual(OPTIONAL);
    expect(settings).toMatchObject({ HOST: "127.0.0.1", PORT: 8_080, REQUEST_TIMEOUT: 30_000, LOG_PRETTY: false });
  });

  test("that are empty count as not set, and what is no setting is left out", () => {
    expect(readSettings({ PORT: "", LOG_FILE: "", PATH: "/bin" })).toEqual(readSettings({}));
  });

  test.each([
    ["PORT", "0", 0],
    ["PORT", "65535", 65_535],
    ["COUNT_INTERVAL", "10ms", 10],
    ["COUNT_INTERVAL", "30m", 1_800_000],
    ["REQUEST_TIMEOUT", "5m", 300_000],
    ["REQUEST_ID_TTL", "1ms", 1],
    ["API_KEY_GRACE", "0s", 0],
    ["API_KEY_GRACE", "365d", 365 * 86_400_000],
    ["SHUTDOWN_TIMEOUT", "2m", 120_000],
    ["LOG_PRETTY", "true", true],
    ["LOG_LEVEL", "silent", "silent"],
    ["ADMIN_KEY", "0123456789abcdef", "0123456789abcdef"],
    ["PRIVATE_PORT", "0", 0],
    ["DOCS", "off", "off"],
    ["REFLECTION", "false", false],
    ["CORS_ORIGINS", "*", ["*"]],
    ["CORS_ORIGINS", "https://a.example", ["https://a.example"]],
    [
      "CORS_ORIGINS",
      "https://a.example, http://localhost:5173,http://[::1]:1,capacitor://localhost",
      ["https://a.example", "http://localhost:5173", "http://[::1]:1", "capacitor://localhost"],
    ],
    ["TRUST_PROXY", "false", []],
    ["TRUST_PROXY", "10.0.0.7", ["10.0.0.7"]],
    ["TRUST_PROXY", "10.0.0.0/8, ::1,fd00::/8,loopback", ["10.0.0.0/8", "::1", "fd00::/8", "loopback"]],
  ])("%s=%s is %j", (name, text, value) => {
    expect(readSettings({ [name]: text })).toMatchObject({ [name]: value });
  });

  test.each([
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "1e3"],
    ["PORT", " 80"],
    ["REQUEST_TIMEOUT", "30"],
    ["REQUEST_TIMEOUT", "1.5s"],
    ["REQUEST_TIMEOUT", "0ms"],
    ["REQUEST_TIMEOUT", "301s"],
    ["REQUEST_ID_TTL", "0s"],
    ["COUNT_INTERVAL", "0s"],
    ["COUNT_INTERVAL", "61m"],
    ["PAGE_SIZE_DEFAULT", "501"],
    ["SHUTDOWN_TIMEOUT", "999999999d"],
    ["API_KEY_GRACE", "366d"],
    ["LOG_PRETTY", "yes"],
    ["LOG_LEVEL", "loud"],
    ["GROUP_MESSAGES_MAX", "0"],
    ["GROUP_MESSAGES_MAX", "4096"],
    ["PRIVATE_PORT", "65536"],
    ["DOCS", "yes"],
    ["METRICS", "private "],
    ["CORS_ORIGINS", "a.example"],
    ["CORS_ORIGINS", "https://a.example/"],
    ["CORS_ORIGINS", "https://a.example:443"],
    ["CORS_ORIGINS", "https://A.example"],
    ["CORS_ORIGINS", "https://*.example"],
    ["CORS_ORIGINS", "https://me@a.example"],
    ["CORS_ORIGINS", "https://a.example,*"],
    ["CORS_ORIGINS", "https://a.example,"],
    ["CORS_ORIGINS", "null"],
    ["TRUST_PROXY", "true"],
    ["TRUST_PROXY", "1"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["TRUST_PROXY", "0.0.0.0/0"],
    ["TRUST_PROXY", "proxy.example"],
    ["TRUST_PROXY", "10.0.0.1,"],
    ["NATS_REPLICAS", "2"],
    ["INSTALLATION", "Parley"],
    ["API_ADDRESSES", "http://a:50051"],
    ["API_ADDRESSES", "a"],
    ["API_ADDRESSES", "a:65536"],
    ["REDIS_SENTINELS", "a:1,b:99999"],
    ["MAIL_FROM", "Parley"],
    ["MAIL_LINK_RESET", "https://app.example/reset"],
    ["MAIL_LINK_ACTIVATE", "/activate?token={token}"],
  ])("%s=%s is a mistake that is told by its name and value", (name, text) => {
    const [mistake, ...others] = mistakesIn({ [name]: text });
    expect(others).toEqual([]);
    expect(mistake).toContain(`  ${name} is ${JSON.stringify(text)}: `);
  });

  test.each(["http://ann@a:8222", "http://ann:secret@a:8222", "http://:secret@a:8222"])(
    "NATS_MONITOR_URL=%s is refused for its user or password, which is not shown",
    (url) => {
      expect(mistakesIn({ NATS_MONITOR_URL: url })).toEqual([
        "  NATS_MONITOR_URL is a value that is not shown: must have neither user nor password in it",
      ]);
    },
  );

  test.each([
    ["MYSQL_URL", "mysql://u:50%off@h/parley", "%25"],
    ["REDIS_URL", "redis://h:6379/first", "number of a database"],
    ["NATS_URL", "http://h", "nats:// or tls://"],
    ["ELASTICSEARCH_URL", "http://a,b", "http:// or https://"],
  ])("%s says what is wrong with %s, and does not show it", (name, url, reason) => {
    const mistakes = mistakesIn({ [name]: url });
    expect(mistakes).toEqual([expect.stringContaining(`${name} is a value that is not shown: `)]);
    expect(mistakes[0]).toContain(reason);
    expect(mistakes[0]).not.toContain(url);
  });

  test("take an authority for Redis only where it is spoken to over TLS", () => {
    const authority = { REDIS_TLS_CA_FILE: "ca.pem" };
    expect(mistakesIn({ ...authority, REDIS_URL: "redis://h" })).toEqual([expect.stringContaining("rediss://")]);
    expect(readSettings({ ...authority, REDIS_URL: "rediss://h" })).toMatchObject(authority);
  });

  test("are told of all their mistakes at once", () => {
    const mistakes = mistakesIn({
      PORT: "x",
      REQUEST_TIMEOUT: "x",
      LOG_LEVEL: "x",
      ADMIN_KEY: "short",
      QUEUE_BYTES_MAX: "1",
    });
    expect(mistakes.map((line) => line.trim().split(" ")[0]).sort()).toEqual([
      "ADMIN_KEY",
      "LOG_LEVEL",
      "PORT",
      "QUEUE_BYTES_MAX",
      "REQUEST_TIMEOUT",
    ]);
  });

  test("tell of a default page above the largest, beside other mistakes", () => {
    expect(readSettings({ PAGE_SIZE_DEFAULT: "20", PAGE_SIZE_MAX: "20" })).toMatchObject({ PAGE_SIZE_DEFAULT: 20 });
    const mistakes = mistakesIn({ PAGE_SIZE_DEFAULT: "20", PAGE_SIZE_MAX: "19", PORT: "x" });
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join()).toMatch(/PAGE_SIZE_DEFAULT is "20": must not be above PAGE_SIZE_MAX/);
    expect(mistakesIn({ PAGE_SIZE_DEFAULT: "x", PAGE_SIZE_MAX: "19" })).toHaveLength(1);
  });

  test.each([
    [{ DOCS: "private" }, "PRIVATE_PORT is not set: must be set where DOCS or METRICS is private"],
    [{ METRICS: "private" }, "PRIVATE_PORT is not set: must be set where DOCS or METRICS is private"],
    [{ SMTP_URL: "smtp://h" }, "MAIL_FROM is not set: must be set where SMTP_URL is"],
    [{ TLS_CERT_FILE: "cert.pem" }, "TLS_KEY_FILE is not set: must be set where TLS_CERT_FILE is"],
    [{ TLS_KEY_FILE: "key.pem" }, "TLS_CERT_FILE is not set: must be set where TLS_KEY_FILE is"],
  ])("%j needs another setting, which is named", (given, mistake) => {
    expect(mistakesIn(given as Record<string, string>)).toEqual([`  ${mistake}`]);
  });

  test("that need each other are taken together", () => {
    const given = { DOCS: "private", PRIVATE_PORT: "0", TLS_CERT_FILE: "cert.pem", TLS_KEY_FILE: "key.pem" };
    expect(readSettings(given)).toMatchObject({ ...given, PRIVATE_PORT: 0 });
  });

  test("have no longer deadline by default than the registry lets any call have", () => {
    const { REQUEST_TIMEOUT } = readSettings({ REQUEST_TIMEOUT: "5m" });
    const begin = (timeoutMs?: number) =>
      createRpcRegistry({ defaultTimeoutMs: REQUEST_TIMEOUT }).begin(ChatService.method.getChat, timeoutMs);
    const [standard, longest] = [begin(), begin(Number.MAX_SAFE_INTEGER)];
    expect(Math.abs(standard.remainingMs() - longest.remainingMs())).toBeLessThan(1_000);
    for (const lifetime of [standard, longest]) lifetime.end();
  });

  test.each([
    ["LOG_LEVEL", "must be trace, debug, info, warn, error, fatal or silent"],
    ["DOCS", "must be public, private or off"],
  ])("%s says what it can be", (name, rule) => {
    expect(mistakesIn({ [name]: "loud" })).toEqual([`  ${name} is "loud": ${rule}`]);
  });

  test("do not show a secret that is wrong", () => {
    const [mistake] = mistakesIn({ ADMIN_KEY: "my secret key" });
    expect(mistake).toContain("ADMIN_KEY");
    expect(mistake).not.toContain("secret key");
  });
});

describe(".env.example", () => {
  const lines = async () => (await readFile(new URL("../../../.env.example", import.meta.url), "utf8")).split("\n");
  const assignments = (text: string[]) => text.filter((line) => /^[A-Z_]+=/.test(line));

  test("has every setting, and nothing else", async () => {
    const named = (await lines()).flatMap((line) => /^#? ?([A-Z][A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect([...named].sort()).toEqual(Object.keys(SETTINGS_SCHEMA.shape).sort());
  });

  test("gives each setting its default", async () => {
    const given = Object.fromEntries(assignments(await lines()).map((line) => line.split(/=(.*)/s).slice(0, 2)));
    expect(readSettings(given)).toEqual(readSettings({}));
    const optional = Object.keys(SETTINGS_SCHEMA.shape).filter((name) => !(name in given));
    expect(optional).toEqual(OPTIONAL);
  });

  test("explains each setting in the line above it", async () => {
    const text = await lines();
    text.forEach((line, index) => {
      if (/^#? ?[A-Z][A-Z_]+=/.test(line)) expect(text[index - 1]).toMatch(/^# \S.{10,}/);
    });
  });
});
