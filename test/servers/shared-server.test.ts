import { createConnection } from "mysql2/promise";
import { expect, test } from "vitest";
import { describeOn, newName } from "./shared-server.ts";

describeOn("mysql", "a shared MySQL", (address) => {
  test("answers at its address", async () => {
    const connection = await createConnection(address.url);
    await connection.query(`CREATE DATABASE ${newName()}`);
    await connection.end();
    expect(address.url).toMatch(/^mysql:/);
  });
});
describeOn("elasticsearch", "a shared Elasticsearch", (address) => {
  test("answers at its address", async () => {
    expect((await fetch(`${address.url}/_cluster/health`)).ok).toBe(true);
  });
});
