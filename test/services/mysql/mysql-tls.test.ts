import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryTypes } from "sequelize";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MysqlSettings, migrateMysqlDatabase, openMysqlDatabase } from "../../../services/mysql/mysql-database.ts";
import { createCertificate } from "../../certificate.ts";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";

/** The server may run as another user. */
const READABLE = 0o755;
const START_TIMEOUT_MS = 180_000;

describeWithOwn(["mysql"], "MySQL over TLS", () => {
  let folder: string;
  let server: RealServerOf<"mysql">;
  let settings: MysqlSettings;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-test-"));
    await chmod(folder, READABLE);
    const file = async (name: string, content: Buffer) => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    };
    const { cert, key } = createCertificate();
    const [certFile, keyFile] = [await file("cert.pem", cert), await file("key.pem", key)];
    await file("other.pem", createCertificate().cert);
    server = await startServer("mysql", { settings: [`--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`] });
    settings = { MYSQL_URL: server.url, MYSQL_POOL_MAX: 2, MYSQL_TLS_CA_FILE: certFile };
    await migrateMysqlDatabase(settings);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (changes: Partial<MysqlSettings>) => openMysqlDatabase({ ...settings, ...changes });

  test.each(["127.0.0.1", "localhost"])("is spoken with %s, which the certificate names", async (hostname) => {
    const MYSQL_URL = Object.assign(new URL(server.url), { hostname }).href;
    const database = await open({ MYSQL_URL });
    const sql = "SHOW SESSION STATUS LIKE 'Ssl_version'";
    const [version] = await database.sequelize.query<{ Value: string }>(sql, { type: QueryTypes.SELECT });
    expect(version!.Value).toMatch(/^TLSv1\.[23]$/);
    await database.close();
  });

  test("is refused where the certificate names another host", async () => {
    const MYSQL_URL = Object.assign(new URL(server.url), { hostname: "127.0.0.2" }).href;
    await expect(open({ MYSQL_URL })).rejects.toThrow(/MYSQL_URL cannot be used.*127\.0\.0\.2/s);
  });

  test("is refused where another authority signed", async () => {
    const MYSQL_TLS_CA_FILE = join(folder, "other.pem");
    await expect(open({ MYSQL_TLS_CA_FILE })).rejects.toThrow(/MYSQL_URL cannot be used.*certificate/s);
  });
});
