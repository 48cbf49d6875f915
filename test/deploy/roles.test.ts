import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { findHost } from "../servers/host/find-host.ts";
import { startServer } from "../servers/real-server.ts";
import { SERVER_PROFILES, type ServerKind } from "../servers/server-profiles.ts";
import { describeOnAll, describeWithOwn, newName, type ServerAddress } from "../servers/shared-server.ts";
import { type ComposeFile, readCompose, type Variables } from "./compose-file.ts";
import { type Container, runContainer } from "./container.ts";
import { createDatabase } from "./database.ts";
import { readDockerfile } from "./dockerfile.ts";
import { type ImageFolder, makeImageFolder } from "./image-folder.ts";
import { makeSecrets } from "./secrets.ts";
import { readNatsSettings, readRedisSettings } from "./server-configuration.ts";

/** With an installation, a database and ports of the test's own, all else being the environment of docker-compose.yml. */
type Place = {
  compose: ComposeFile;
  image: ImageFolder;
  imageEnvironment: Variables;
  /** Where the servers are, by setting. */
  addresses: Variables;
};

/** Redis and NATS as deploy/ sets them up, with the secrets. */
async function startOwnServers({ REDIS_PASSWORD, NATS_PASSWORD }: Variables): Promise<Variables> {
  const redis = await startServer("redis", { settings: await readRedisSettings(REDIS_PASSWORD!) });
  onTestFinished(() => redis.stop());
  const { jetstream, settings } = await readNatsSettings(NATS_PASSWORD!);
  const nats = await startServer("nats", { syncInterval: jetstream.sync_interval, settings });
  onTestFinished(() => nats.stop());
  return {
    REDIS_URL: redis.url.replace("://", `://:${REDIS_PASSWORD}@`),
    NATS_URL: nats.url.replace("://", `://parley:${NATS_PASSWORD}@`),
    NATS_MONITOR_URL: nats.monitorUrl,
  };
}

async function preparePlace(servers: Readonly<Record<ServerKind, ServerAddress>>): Promise<Place> {
  const secrets = await makeSecrets();
  const dockerfile = await readDockerfile();
  const INSTALLATION = newName("deploy").replaceAll("_", "-");
  const addresses = {
    INSTALLATION,
    MYSQL_URL: await createDatabase(servers.mysql.url, INSTALLATION),
    ELASTICSEARCH_URL: servers.elasticsearch.url,
    ...(await startOwnServers(secrets)),
  };
  const image = await makeImageFolder(dockerfile);
  return { compose: await readCompose(secrets), image, imageEnvironment: dockerfile.environment, addresses };
}

/** Starts a service, whose addresses are replaced by the real ones, and which listens on any free ports. */
function startService({ compose, image, imageEnvironment, addresses }: Place, name: string): Container {
  const given = { ...imageEnvironment, ...compose.services[name]!.environment };
  const replaced = Object.entries(addresses).filter(([setting]) => setting === "INSTALLATION" || setting in given);
  const ports = { PORT: "0", GRPC_PORT: "0", PRIVATE_PORT: "0" };
  return runContainer(image, compose.services[name]!.command!, { ...given, ...Object.fromEntries(replaced), ...ports });
}

const portOf = (address: string) => new URL(address).port;

/** Runs the image's health check on a running role; resolves with its exit code. */
async function checkHealth({ image, imageEnvironment }: Place, privateAddress: string): Promise<number | null> {
  const { healthCheck } = await readDockerfile();
  const environment = { ...imageEnvironment, PRIVATE_PORT: portOf(privateAddress) };
  return runContainer(image, healthCheck, environment).ended;
}

/** Makes an application, a chat and a message through the edge, and reads it. */
async function useParley(address: string, adminKey: string): Promise<unknown> {
  const call = async (path: string, key: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(`${address}/v1/${path}`, {
      ...{ headers, method: body === undefined ? "GET" : "POST" },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Record<string, string>;
  };
  const { name, apiKey } = await call("applications", adminKey, { displayName: "Deployed" });
  const chat = await call(`${name}/chats`, apiKey!, {});
  const message = await call(`${chat.name}/messages`, apiKey!, { body: "Hello" });
  return call(message.name!, apiKey!);
}

describeOnAll("with the environment of docker-compose.yml", (servers) => {
  describeWithOwn(["redis", "nats"], "and servers set up by deploy/", () => {
    test("the roles start outside the image, on its files alone, and serve", { timeout: 240_000 }, async () => {
      const place = await preparePlace(servers);
      const files = await place.image.listFiles();
      const migration = startService(place, "migrate");
      expect(await migration.ended, migration.output.stderr).toBe(0);
      const roles = ["api", "api", "writer", "indexer", "scheduler"].map((name) => startService(place, name));
      const lines = await Promise.all(roles.map((role) => role.ready()));
      const api = lines.flatMap(({ grpcAddress }) => (grpcAddress ? [`127.0.0.1:${grpcAddress.split(":")[1]}`] : []));
      expect(api).toHaveLength(2);
      place.addresses = { ...place.addresses, API_ADDRESSES: api.join(",") };
      const edge = startService(place, "edge");
      const { address, privateAddress } = await edge.ready();
      const adminKey = place.compose.services.api!.environment!.ADMIN_KEY!;
      for (const line of [...lines, { privateAddress: privateAddress! }]) {
        await vi.waitUntil(async () => (await checkHealth(place, line.privateAddress!)) === 0, { timeout: 30_000 });
      }
      expect(await useParley(`http://127.0.0.1:${portOf(address!)}`, adminKey)).toMatchObject({
        number: 1,
        body: "Hello",
      });
      for (const each of [edge, ...roles]) expect(await each.stop(), each.output.stdout).toBe(0);
      expect(await checkHealth(place, privateAddress!)).toBe(1);
      expect(await place.image.listFiles()).toEqual(files);
    });

    test("NATS takes deploy/nats.conf as it is", async ({ skip }) => {
      const { program } = await findHost("nats", SERVER_PROFILES.nats, process.env, false);
      if (program.isInImage) skip("NATS runs in Docker here");
      const { stderr } = await promisify(execFile)(program.path, ["-t", "--config", "deploy/nats.conf"]);
      expect(stderr).toContain("deploy/nats.conf is valid");
    });
  });
});
