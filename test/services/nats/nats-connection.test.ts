import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connectNats, type NatsOptions } from "../../../services/nats/nats-connection.ts";
import type { NatsLink } from "../../../services/nats/nats-link.ts";
import { createCertificate } from "../../certificate.ts";
import { freePort } from "../../servers/free-port.ts";
import { type OptionsByKind, type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { newInstallation, openQueueAt, SILENT } from "../write-queue/nats-scene.ts";
import { createNatsOperator } from "./nats-operator.ts";

async function start(options: OptionsByKind["nats"] = {}): Promise<RealServerOf<"nats">> {
  const server = await startServer("nats", options);
  onTestFinished(() => server.stop());
  return server;
}

async function connect(options: Pick<NatsOptions, "servers"> & Partial<NatsOptions>): Promise<NatsLink> {
  const link = await connectNats({ name: "test", log: SILENT, ...options });
  onTestFinished(() => link.close());
  return link;
}

/** Whether a queue can be used over a connection. */
async function carries(link: NatsLink): Promise<boolean> {
  const queue = await openQueueAt("", { link, installation: newInstallation() });
  return (await queue.append(new Uint8Array(1))) === 1;
}

async function writeTemporary(name: string, content: string | Buffer): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

describeWithOwn(["nats"], "a connection to NATS", () => {
  test("takes user and password from the address", async () => {
    const { port } = await start({ settings: ["authorization { user: parley, password: 'p@ss word' }"] });
    expect(await carries(await connect({ servers: [`nats://parley:p%40ss%20word@127.0.0.1:${port}`] }))).toBe(true);
    const refused = connect({ servers: [`nats://parley:secret-wrong@127.0.0.1:${port}`] });
    await expect(refused).rejects.toThrow(`NATS_URL 127.0.0.1:${port} cannot be used: Authorization Violation`);
    await expect(refused).rejects.not.toThrow("secret-wrong");
  });

  test("uses TLS with the authority of a file", async () => {
    const { cert, key } = createCertificate();
    const files = { cert: await writeTemporary("cert.pem", cert), key: await writeTemporary("key.pem", key) };
    const { port } = await start({ settings: [`tls { cert_file: "${files.cert}", key_file: "${files.key}" }`] });
    const servers = [`tls://localhost:${port}`];
    expect(await carries(await connect({ servers, caFile: files.cert }))).toBe(true);
    await expect(connect({ servers })).rejects.toThrow(`NATS_URL localhost:${port} cannot be used`);
  });

  test("uses the credentials of a file", async () => {
    const { settings, credentials } = createNatsOperator();
    const { url } = await start({ settings });
    const credentialsFile = await writeTemporary("parley.creds", credentials);
    expect(await carries(await connect({ servers: [url], credentialsFile }))).toBe(true);
    await expect(connect({ servers: [url] })).rejects.toThrow("Authorization Violation");
  });

  test("takes the server that is there of several", async () => {
    const { url } = await start();
    const away = await freePort();
    expect(await carries(await connect({ servers: [`nats://127.0.0.1:${away}`, url] }))).toBe(true);
  });

  test("is made again after the server was gone, and tells the old one from the new", async () => {
    const server = await start();
    const link = await connect({ servers: [server.url] });
    const { session } = link;
    const asked = expect(link.ask(() => new Promise(() => undefined))).rejects.toThrow(
      "the connection to NATS is lost",
    );
    await server.kill();
    await asked;
    expect(session.aborted).toBe(true);
    await expect(link.ask(() => Promise.resolve(1))).rejects.toThrow("the connection to NATS is lost");
    await expect(link.connected(AbortSignal.timeout(50))).rejects.toThrow("timeout");
    await server.start();
    await link.connected(new AbortController().signal);
    expect(link.session.aborted).toBe(false);
    expect(await link.ask(() => Promise.resolve(1))).toBe(1);
  });
});

describeWithOwn(["nats"], "a start is refused", () => {
  test("where no server is there", async () => {
    const port = await freePort();
    await expect(connect({ servers: [`nats://127.0.0.1:${port}`] })).rejects.toThrow(
      `NATS_URL 127.0.0.1:${port} cannot be used`,
    );
  });

  test("where the server is too old", async () => {
    const old = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write(`INFO ${JSON.stringify({ version: "2.9.25", max_payload: 1_024, proto: 1, headers: true })}\r\n`);
      socket.on("data", () => socket.write("PONG\r\n"));
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void old.close());
    await once(old, "listening");
    const { port } = old.address() as AddressInfo;
    await expect(connect({ servers: [`nats://127.0.0.1:${port}`] })).rejects.toThrow(
      "is version 2.9.25; Parley needs 2.12 or newer: upgrade the server",
    );
  });

  test.each([
    ["NATS_TLS_CA_FILE", { caFile: "/nowhere/ca.pem" }],
    ["NATS_CREDENTIALS_FILE", { credentialsFile: "/nowhere/parley.creds" }],
  ])("where the file of %s cannot be read", async (setting, options) => {
    await expect(connect({ servers: ["nats://127.0.0.1"], ...options })).rejects.toThrow(
      new RegExp(`^${setting} /nowhere/.* cannot be read: ENOENT`),
    );
  });

  test("where JetStream is off", async () => {
    const { port } = await start({ settings: ["accounts { A { users: [{ user: a, password: a }] } }"] });
    const link = await connect({ servers: [`nats://a:a@127.0.0.1:${port}`] });
    await expect(openQueueAt("", { link, installation: "none" })).rejects.toThrow(
      /JetStream not enabled for account; give the server a `jetstream` block/,
    );
  });
});
