import fs from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseError } from "sequelize";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createLog } from "../../../services/observability/log.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const SECRET = "a body that nobody may read";

afterEach(() => vi.restoreAllMocks());

/** What a log writes to stdout. */
function capture(settings: Partial<Parameters<typeof createLog>[0]> = {}) {
  let output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    output += chunk;
    return true;
  });
  const log = createLog({ LOG_LEVEL: "info", LOG_FILE: undefined, LOG_PRETTY: false, ...settings });
  return {
    log,
    output: () => output,
    lines: () =>
      output
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

describe("a log line", () => {
  test("is JSON with its level, time and message", () => {
    const { log, lines } = capture();
    log.info({ method: "parley.v1.ChatService/GetChat", durationMs: 1.5 }, "call");
    expect(lines()).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        method: "parley.v1.ChatService/GetChat",
        durationMs: 1.5,
        msg: "call",
      },
    ]);
  });

  test("has no field that is not on the list", () => {
    const { log, output } = capture();
    log.warn(
      { method: "m", body: SECRET, request: { message: SECRET }, authorization: SECRET, apiKey: SECRET },
      "call",
    );
    expect(output()).toContain('"method":"m"');
    expect(output()).not.toContain(SECRET);
  });

  test("has what calls that failed and tokens that were refused are told by", () => {
    const { log, lines } = capture();
    const call = { code: "PermissionDenied", reason: "MUTED", application: "shop", user: "ann", requestId: "r" };
    const token = { cause: "its exp is missing", issuer: "https://login.example", keyId: "key-1", application: "shop" };
    const target = { verb: "GET", path: "/v2/chats", reason: "METHOD_NOT_FOUND" };
    const invalid = { reason: "FIELD_INVALID", fields: ["message.body"] };
    for (const fields of [call, token, target, invalid]) log.info(fields, "refused");
    expect(lines()).toMatchObject([call, token, target, invalid]);
  });

  test("tells an error with its causes, and not what a library hung on it", () => {
    const { log, output, lines } = capture();
    const sql = `INSERT INTO messages VALUES ('${SECRET}')`;
    const original = Object.assign(new Error("UNIQUE constraint failed: messages.number"), {
      sql,
      parameters: [SECRET],
    });
    const err = new Error("cannot write", { cause: new DatabaseError(original) });
    log.error({ err: Object.assign(err, { request: { body: SECRET } }) }, "failed");
    expect(output()).not.toContain(SECRET);
    expect(lines()[0].err).toMatchObject({
      type: "Error",
      message: expect.stringContaining("cannot write"),
      stack: expect.stringContaining("log.test.ts"),
      cause: { type: "DatabaseError", cause: { message: "UNIQUE constraint failed: messages.number" } },
    });
  });

  test("tells what was thrown and is no error", () => {
    const { log, lines } = capture();
    log.error({ err: "a text" }, "failed");
    expect(lines()[0].err).toEqual({ message: "a text" });
  });

  test("is left out below the level, and all are where it is silent", () => {
    const { log, output } = capture();
    log.debug("no");
    expect(output()).toBe("");
    const silent = capture({ LOG_LEVEL: "silent" });
    silent.log.fatal("no");
    expect(silent.output()).toBe("");
  });

  test("is readable where that is wanted, and as sparing", () => {
    let output = "";
    vi.spyOn(fs, "writeSync").mockImplementation(((_file: number, text: string) => {
      output += text;
      return Buffer.byteLength(text);
    }) as never);
    const log = createLog({ LOG_LEVEL: "debug", LOG_FILE: undefined, LOG_PRETTY: true });
    log.debug({ method: "m", body: SECRET }, "a call");
    expect(output).toMatch(/DEBUG.*: a call\n\s+method: "m"\n/s);
    expect(output).not.toContain(SECRET);
  });

  test("goes into the file too", async () => {
    const path = join(await temporaryFolder(), "logs", "parley.log");
    const { log, output } = capture({ LOG_FILE: path });
    log.info({ method: "m", body: SECRET }, "one");
    await vi.waitFor(async () => expect(await readFile(path, "utf8")).toBe(output()));
  });
});
