import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { readSettings, SETTINGS_SCHEMA } from "../../services/settings/settings.ts";
import { SERVER_PROFILES } from "../servers/server-profiles.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { hasTool } from "../walkthrough/tool.ts";
import { type ComposeFile, readCompose, readRequiredVariables } from "./compose-file.ts";
import { loadWithComposeGo } from "./compose-go.ts";
import { readDockerfile } from "./dockerfile.ts";
import { addSecrets, makeSecrets } from "./secrets.ts";

const secrets = await makeSecrets();
const compose = await readCompose(secrets);
const dockerfile = await readDockerfile();
const SERVERS = ["mysql", "redis", "nats", "elasticsearch"];
const ROLES = ["api", "writer", "indexer", "scheduler", "edge"];
const services = Object.entries(compose.services);
const settingsOf = (name: string) => ({ ...dockerfile.environment, ...compose.services[name]!.environment });

describe("docker-compose.yml", () => {
  test("starts every role, once the servers that it works with are healthy", () => {
    expect(Object.keys(compose.services).sort()).toEqual([...SERVERS, ...ROLES, "migrate", "prometheus"].sort());
    for (const role of ROLES.filter((each) => each !== "edge")) {
      const needed = compose.services[role]!.depends_on!;
      expect(needed.migrate).toEqual({ condition: "service_completed_successfully" });
      const hosts = Object.values(settingsOf(role)).flatMap((value) => /@(\w+):/.exec(value)?.[1] ?? []);
      for (const host of hosts)
        if (host !== "mysql") expect(needed[host], `${role}: ${host}`).toEqual({ condition: "service_healthy" });
    }
    expect(compose.services.edge!.depends_on).toEqual({ api: { condition: "service_healthy" } });
    expect(compose.services.api!.deploy.replicas).toBe(2);
  });

  test("pins every image, to the versions that the tests run on where those are fixed", () => {
    for (const [name, { image }] of services) expect(image, name).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?$/);
    for (const base of dockerfile.bases) expect(base).toMatch(/^node:24\.\d+\.\d+-slim$/);
    for (const name of [...ROLES, "migrate"])
      expect(compose.services[name]!.image).toBe(`parley:${packageJson.version}`);
    expect(compose.services.elasticsearch!.image).toBe(SERVER_PROFILES.elasticsearch.image.name);
    expect(compose.services.nats!.image).toBe(`${SERVER_PROFILES.nats.image.name}-alpine`);
    expect(compose.services.mysql!.image).toMatch(/^mysql:8\.4\./);
  });

  test("publishes the edge alone, and Prometheus where it is asked for; the servers have no way out", () => {
    const published = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
    expect(published).toEqual(["edge", "prometheus"]);
    expect(compose.services.prometheus!.profiles).toEqual(["metrics"]);
    expect(compose.networks.inside).toEqual({ internal: true });
    for (const name of [...SERVERS, "api", "writer", "indexer", "scheduler", "migrate"]) {
      expect(compose.services[name]!.networks, name).toEqual(["inside"]);
    }
  });

  test("limits every service, and leaves each the time that its stop takes", () => {
    for (const [name, { deploy }] of services) {
      expect(deploy.resources.limits, name).toEqual({
        cpus: expect.any(String),
        memory: expect.stringMatching(/[MG]$/),
      });
    }
    for (const role of ROLES) {
      const [, seconds] = /^(\d+)s$/.exec(compose.services[role]!.stop_grace_period!)!;
      expect(Number(seconds) * 1_000).toBeGreaterThan(readSettings(settingsOf(role)).SHUTDOWN_TIMEOUT + 5_000);
    }
  });

  test("keeps what the servers store in volumes of their own, and mounts files that exist", async () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")[0]!));
    for (const file of mounts.filter((source) => source.startsWith("./"))) await access(file);
    const named = mounts.filter((source) => !source.startsWith("./"));
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
    expect(named).toEqual(expect.arrayContaining(SERVERS));
  });

  test.each([...SERVERS])("asks %s whether it is healthy", (name) => {
    expect(compose.services[name]!.healthcheck!.test!.join(" ")).toMatch(/(mysql|redis-cli|wget|curl) /);
  });

  test.each([...ROLES, "migrate"])(
    "runs a file for %s that the image has, with settings that there are",
    async (name) => {
      const [program, file] = compose.services[name]!.command!;
      expect(program).toBe("node");
      await access(file!);
      expect(dockerfile.copies.flatMap(({ sources }) => sources)).toContain(file!.split("/")[0]);
      const known = [...Object.keys(SETTINGS_SCHEMA.shape), "NODE_ENV"];
      expect(known).toEqual(expect.arrayContaining(Object.keys(settingsOf(name))));
      readSettings(settingsOf(name));
    },
  );

  test("names ports at which something listens", async () => {
    const { PORT, GRPC_PORT, PRIVATE_PORT } = readSettings(settingsOf("edge"));
    expect(dockerfile.ports).toEqual([PORT, GRPC_PORT, PRIVATE_PORT]);
    expect(compose.services.edge!.ports).toEqual([`127.0.0.1:8080:${PORT}`]);
    expect(settingsOf("edge").API_ADDRESSES).toBe(`api:${GRPC_PORT}`);
    const prometheus = parse(await readFile("deploy/prometheus.yml", "utf8"));
    const [found] = prometheus.scrape_configs[0].dns_sd_configs;
    expect(found.names).toEqual(ROLES.toSorted());
    expect(found.port).toBe(PRIVATE_PORT);
    for (const role of ROLES) expect(readSettings(settingsOf(role)).METRICS).toBe("private");
  });
});

describe("the secrets", () => {
  test("are refused where they are missing, by name and with what to do", async () => {
    const required = await readRequiredVariables();
    expect(required).toEqual(Object.keys(secrets).sort());
    for (const name of required) {
      await expect(readCompose({ ...secrets, [name]: "" })).rejects.toThrow(
        `${name} is missing: sh deploy/secrets.sh adds it to .env`,
      );
    }
  });

  test("are made once, and those that are there stay", async () => {
    const folder = await temporaryFolder();
    const first = await addSecrets(folder);
    expect(await addSecrets(folder)).toEqual(first);
    for (const value of Object.values(first)) expect(value).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
  });

  test("are no settings, since `npm start` reads .env too", () => {
    expect(Object.keys(secrets).filter((name) => name in SETTINGS_SCHEMA.shape)).toEqual([]);
  });

  test("have the administrator's key where README takes it from, and the api gets it", async () => {
    const folder = await temporaryFolder();
    const { PARLEY_ADMIN_KEY } = await addSecrets(folder);
    const [, command] = /^key=\$\((sed .*)\)$/m.exec(await readFile("README.md", "utf8"))!;
    const { stdout } = await promisify(execFile)("sh", ["-c", command!], { cwd: folder });
    expect(stdout).toBe(`${PARLEY_ADMIN_KEY}\n`);
    expect(settingsOf("api").ADMIN_KEY).toBe(secrets.PARLEY_ADMIN_KEY);
  });

  test("have the secret of users' tokens, the same for every api", () => {
    expect(settingsOf("api").TOKEN_SECRET).toBe(secrets.PARLEY_TOKEN_SECRET);
    expect(readSettings({ TOKEN_SECRET: secrets.PARLEY_TOKEN_SECRET! }).TOKEN_SECRET).toBe(secrets.PARLEY_TOKEN_SECRET);
  });
});

describe.skipIf(!hasTool("go"))("by the loader of Compose itself (skipped without go)", () => {
  test("it is valid, and its services are those that are read here", async () => {
    const loaded = await loadWithComposeGo<ComposeFile>(await temporaryFolder(), secrets);
    for (const [name, { environment, command }] of Object.entries(loaded.services)) {
      expect(environment ?? {}, name).toEqual(compose.services[name]!.environment ?? {});
      expect(command ?? undefined, name).toEqual(compose.services[name]!.command);
    }
    const profiled = Object.keys(compose.services).filter((name) => !compose.services[name]!.profiles);
    expect(Object.keys(loaded.services)).toEqual(expect.arrayContaining(profiled));
  });
});

test("the image gets from the folder what it copies, and little else", async () => {
  const lines = (await readFile(".dockerignore", "utf8")).split("\n").filter((line) => line && !line.startsWith("#"));
  expect(lines[0]).toBe("*");
  const letIn = lines.slice(1).map((line) => line.replace(/^!/, ""));
  expect([...new Set(dockerfile.copies.flatMap(({ sources }) => sources))].sort()).toEqual(letIn.sort());
  for (const path of letIn) await access(join(".", path));
  expect(dockerfile.user).toBe("node");
});
