import { createConnection } from "mysql2/promise";
import { onTestFinished } from "vitest";

async function execute(url: string, statement: string): Promise<void> {
  const connection = await createConnection({ uri: url });
  await connection.query(statement);
  await connection.end();
}

/** Makes an empty database on a server, dropped after the test; resolves with its address. */
export async function createDatabase(server: string, name: string): Promise<string> {
  await execute(server, `CREATE DATABASE \`${name}\``);
  onTestFinished(() => execute(server, `DROP DATABASE \`${name}\``));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
