import { once } from "node:events";
import { access, writeFile } from "node:fs/promises";
import { request as sendHttps } from "node:https";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { credentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.ts";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../../../gen/parley/v1/application_service_pb.ts";
import { createCertificate } from "../../certificate.ts";
import { failureOf } from "../../failure.ts";
import { createGrpcJsTransport } from "../../grpc-js-transport.ts";
import { startParley } from "../../parley-in-process.ts";
import { launchParley, logLines, startParleyProcess } from "../../parley-process.ts";
import { exchange } from "../../rest-transport.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { createTenant } from "../../tenant.ts";

const { cert, key } = createCertificate();

/** The settings of a certificate in files. */
async function tlsSettings(): Promise<{ TLS_CERT_FILE: string; TLS_KEY_FILE: string }> {
  const folder = await temporaryFolder();
  const files = { TLS_CERT_FILE: join(folder, "cert.pem"), TLS_KEY_FILE: join(folder, "key.pem") };
  await writeFile(files.TLS_CERT_FILE, cert);
  await writeFile(files.TLS_KEY_FILE, key);
  return files;
}

async function open(environment: Record<string, string>) {
  const parley = await startParley(environment);
  onTestFinished(() => parley.stop());
  return parley;
}

async function statusOf(url: string): Promise<number> {
  return (await exchange(url, { method: "GET" })).status;
}

describe("with a certificate", () => {
  test("both ports speak TLS: REST, Connect over HTTP/2, gRPC", async () => {
    const { address, grpcAddress, adminKey } = await open(await tlsSettings());
    expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const grpc = createGrpcJsTransport(grpcAddress, credentials.createSsl(cert));
    onTestFinished(() => grpc.close());
    const { name } = await createTenant(grpc, adminKey);
    const headers = { Authorization: `Bearer ${adminKey}` };

    const request = sendHttps(`${address}/v1/${name}`, { ca: cert, headers }).end();
    const [response] = await once(request, "response");
    expect(JSON.parse((await buffer(response)).toString())).toMatchObject({ name });

    const transport = createConnectTransport({ baseUrl: address, httpVersion: "2", nodeOptions: { ca: cert } });
    const { applications } = await createClient(ApplicationService, transport).listApplications({}, { headers });
    expect(applications.map((application) => application.name)).toEqual([name]);
  });

  test("a process stops with 0 while a session of HTTP/2 is open, and its private port is without TLS", async () => {
    const environment = { ...(await tlsSettings()), PRIVATE_PORT: "0", METRICS: "private" };
    const parley = await startParleyProcess(await temporaryFolder(), environment);
    const ready = logLines(parley.output).at(-1);
    expect(ready).toMatchObject({
      msg: "ready",
      address: parley.address,
      privateAddress: expect.stringMatching(/^http:/),
    });
    expect(parley.output.stderr).toMatch(new RegExp(`Private +${ready!.privateAddress as string}\n`));
    expect(parley.output.stderr).toContain(`Docs                      ${parley.address}/docs\n`);
    expect(await statusOf(`${ready!.privateAddress as string}/metrics`)).toBe(200);
    const transport = createConnectTransport({ baseUrl: parley.address, httpVersion: "2", nodeOptions: { ca: cert } });
    const applications = createClient(ApplicationService, transport);
    expect(await failureOf(applications.listApplications({}))).toMatchObject({ code: "Unauthenticated" });
    expect(await parley.end("SIGTERM")).toBe(0);
  });

  test("that cannot be used, nothing is opened, and the setting is named", async () => {
    const folder = await temporaryFolder();
    const files = await tlsSettings();
    const DATA_DIR = join(folder, "absent");
    await writeFile(files.TLS_KEY_FILE, createCertificate().key);
    const { ended, output } = launchParley(DATA_DIR, files);
    expect(await ended).toBe(1);
    expect(output.stderr).toContain(`TLS_KEY_FILE ${files.TLS_KEY_FILE} is not the key of the certificate`);
    expect(output.stderr).not.toContain("    at ");
    await expect(access(DATA_DIR)).rejects.toThrow("ENOENT");
  });
});

describe("what callers should not see", () => {
  test("is on the private port, beside health", async () => {
    const parley = await open({ PRIVATE_PORT: "0", DOCS: "private", METRICS: "private" });
    for (const path of ["/docs", "/openapi.json", "/metrics"]) {
      expect(await statusOf(parley.address + path), path).toBe(404);
      expect(await statusOf(parley.privateAddress! + path), path).toBe(200);
    }
    for (const path of ["/healthz", "/readyz"]) {
      expect(await statusOf(parley.address + path), path).toBe(200);
      expect(await statusOf(parley.privateAddress! + path), path).toBe(200);
    }
    expect(await statusOf(`${parley.privateAddress}/v1/applications`)).toBe(404);
  });

  test("can be off, reflection too, and health stays", async () => {
    const { address, grpcAddress, ...parley } = await open({ DOCS: "off", METRICS: "off", REFLECTION: "false" });
    expect(parley.privateAddress).toBeUndefined();
    for (const path of ["/docs", "/openapi.json", "/metrics"]) expect(await statusOf(address + path), path).toBe(404);
    const transport = createGrpcTransport({ baseUrl: `http://${grpcAddress}` });
    expect(await createClient(Health, transport).check({})).toMatchObject({ status: Status.SERVING });
    const reflection = createClient(ServerReflection, transport).serverReflectionInfo(
      (async function* () {
        yield { messageRequest: { case: "listServices" as const, value: "" } };
      })(),
    );
    expect(await failureOf(reflection[Symbol.asyncIterator]().next())).toMatchObject({ code: "Unimplemented" });
  });

  test("a private port that is taken is named", async () => {
    const { address } = await open({});
    const PRIVATE_PORT = new URL(address).port;
    await expect(open({ PRIVATE_PORT })).rejects.toThrow(
      `PRIVATE_PORT ${PRIVATE_PORT} of PRIVATE_HOST 127.0.0.1 cannot`,
    );
  });
});

test("pages of the origins that are set may call, and the log has the peer that a trusted proxy names", async () => {
  const environment = { CORS_ORIGINS: "https://chat.example", TRUST_PROXY: "loopback" };
  const parley = await startParleyProcess(await temporaryFolder(), environment);
  const headers = { origin: "https://chat.example", "x-forwarded-for": "203.0.113.7" };
  const answer = await exchange(`${parley.address}/v1/applications`, { method: "GET", headers });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("access-control-allow-origin")).toBe("https://chat.example");
  expect(answer.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
  expect(await parley.end("SIGTERM")).toBe(0);
  expect(logLines(parley.output).find(({ msg }) => msg === "call")).toMatchObject({ peer: "203.0.113.7" });
});
