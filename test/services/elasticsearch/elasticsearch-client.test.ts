import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  createElasticsearchClient,
  openElasticsearchClient,
} from "../../../services/elasticsearch/elasticsearch-client.ts";
import { answered } from "../../../services/elasticsearch/elasticsearch-failure.ts";
import { createCertificate } from "../../certificate.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const ADDRESS_OF_NOBODY = "https://127.0.0.1:1";

test("trusts the certificate's issuer, sends user and password, and turns to another node where one is away", async () => {
  const { port, certificate, authorizations } = await startServer();
  const file = join(await temporaryFolder(), "ca.pem");
  await writeFile(file, certificate);
  const client = await openElasticsearchClient({
    ELASTICSEARCH_URL: [ADDRESS_OF_NOBODY, `https://parley:s%20cret@127.0.0.1:${port}`],
    ELASTICSEARCH_TLS_CA_FILE: file,
  });
  onTestFinished(() => client.close());
  for (let request = 0; request < 4; request++)
    expect(await answered(client.cluster.health())).toEqual({ status: "green" });
  expect(new Set(authorizations)).toEqual(new Set([`Basic ${btoa("parley:s cret")}`]));
});

test("trusts nobody else, and its failures tell no password", async () => {
  const { port } = await startServer();
  const client = createElasticsearchClient([`https://parley:secret@127.0.0.1:${port}`]);
  onTestFinished(() => client.close());
  const failure = await answered(client.cluster.health()).catch((error) => error);
  expect(failure).toMatchObject({ name: "ElasticsearchFailure", message: expect.stringContaining("certificate") });
  expect(JSON.stringify(failure) + failure.stack).not.toContain("secret");
});

test("names the setting of a file that cannot be read", async () => {
  const settings = { ELASTICSEARCH_URL: [ADDRESS_OF_NOBODY], ELASTICSEARCH_TLS_CA_FILE: "/nowhere/ca.pem" };
  await expect(openElasticsearchClient(settings)).rejects.toThrow(
    "ELASTICSEARCH_TLS_CA_FILE /nowhere/ca.pem cannot be read",
  );
});

async function startServer() {
  const { cert, key } = createCertificate();
  const authorizations: (string | undefined)[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    authorizations.push(request.headers.authorization);
    response.writeHead(200, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" });
    response.end(JSON.stringify({ status: "green" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { port: (server.address() as AddressInfo).port, certificate: cert, authorizations };
}
