import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, expect, test, vi } from "vitest";
import { readSettings } from "../../../services/settings/settings.ts";
import { SqliteConnection } from "../../../services/sqlite/sqlite-connection.ts";
import { closedError } from "../../../services/sqlite/sqlite-error.ts";
import { startStandalone } from "../../../standalone.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

afterEach(() => vi.restoreAllMocks());

test("a call that is UNAVAILABLE is logged with its method, request id and what caused it", async () => {
  const DATA_DIR = await temporaryFolder();
  const error = vi.fn();
  const log = Object.assign(pino({ level: "silent" }), { error });
  const parley = await startStandalone(readSettings({ PORT: "0", GRPC_PORT: "0", DATA_DIR }), log);
  try {
    const key = (await readFile(join(DATA_DIR, "admin-key"), "utf8")).trim();
    vi.spyOn(SqliteConnection.prototype, "all").mockRejectedValue(closedError("a file"));
    const headers = { authorization: `Bearer ${key}`, "x-request-id": "mine" };
    const answer = await fetch(`${parley.address}/v1/applications`, { headers });
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("a file");
    const told = error.mock.calls.find(([fields]) => fields.requestId === "mine")!;
    expect(told[0].method).toBe("/parley.v1.ApplicationService/ListApplications");
    expect(told[0].err.cause.message).toContain("a file");
  } finally {
    vi.restoreAllMocks();
    await parley.stop();
  }
});
