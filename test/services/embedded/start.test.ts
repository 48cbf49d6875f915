import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startParley } from "../../parley-in-process.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** A port that is in use for as long as the test takes. */
async function takenPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return String((server.address() as AddressInfo).port);
}

/** A start and a stop must both work at once: what an earlier start had opened is closed. */
async function startAndStop(DATA_DIR: string): Promise<void> {
  const parley = await startParley({ DATA_DIR });
  expect((await fetch(`${parley.address}/readyz`)).status).toBe(200);
  await parley.stop();
  await expect(fetch(`${parley.address}/readyz`)).rejects.toThrow();
}

/** Makes an application and a chat. */
async function startAndWrite(DATA_DIR: string): Promise<void> {
  const { address, adminKey, stop } = await startParley({ DATA_DIR });
  const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
  const call = async (path: string, body: object) => {
    const response = await fetch(`${address}/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as { name: string };
  };
  const application = await call("applications", { displayName: "Test" });
  await call(`${application.name}/chats`, { title: "Chat" });
  await stop();
}

const threads = () => process.getActiveResourcesInfo().filter((type) => type === "MessagePort").length;

describe("a start that fails leaves nothing open, and the next in the same folder works", () => {
  test.each(["PORT", "GRPC_PORT"])("where %s is taken", async (name) => {
    const DATA_DIR = await temporaryFolder();
    const before = threads();
    await expect(startParley({ DATA_DIR, [name]: await takenPort() })).rejects.toThrow("EADDRINUSE");
    expect(threads()).toBe(before);
    await startAndStop(DATA_DIR);
  });

  test("where the queue does not belong to the database", async () => {
    const DATA_DIR = await temporaryFolder();
    await startAndWrite(DATA_DIR);
    const path = join(DATA_DIR, "queue.sqlite");
    await rename(path, `${path}-kept`);
    const before = threads();
    await expect(startParley({ DATA_DIR })).rejects.toThrow("not the queue that belongs to this database");
    expect(threads()).toBe(before);
    for (const suffix of ["", "-wal", "-shm"]) await rm(path + suffix, { force: true });
    await rename(`${path}-kept`, path);
    await startAndStop(DATA_DIR);
  });

  test("where the database is gone and its queue is not", async () => {
    const DATA_DIR = await temporaryFolder();
    await startAndWrite(DATA_DIR);
    const path = join(DATA_DIR, "parley.sqlite");
    await rename(path, `${path}-kept`);
    await expect(startParley({ DATA_DIR })).rejects.toThrow("there is no database beside it");
    for (const suffix of ["", "-wal", "-shm"]) await rm(path + suffix, { force: true });
    await rename(`${path}-kept`, path);
    await startAndStop(DATA_DIR);
  });

  test.each(["parley.sqlite", "search.sqlite"])("where %s cannot be opened", async (file) => {
    const DATA_DIR = await temporaryFolder();
    await mkdir(join(DATA_DIR, file));
    const before = threads();
    await expect(startParley({ DATA_DIR })).rejects.toThrow("SQLITE_CANTOPEN");
    expect(threads()).toBe(before);
    await rm(join(DATA_DIR, file), { recursive: true });
    await startAndStop(DATA_DIR);
  });

  test("where another uses the folder", async () => {
    const DATA_DIR = await temporaryFolder();
    const first = await startParley({ DATA_DIR });
    await expect(startParley({ DATA_DIR })).rejects.toThrow("is in use by another process");
    await first.stop();
    await startAndStop(DATA_DIR);
  });

  test("where the administrator's key cannot be one", async () => {
    const DATA_DIR = await temporaryFolder();
    await writeFile(join(DATA_DIR, "admin-key"), "short");
    await expect(startParley({ DATA_DIR })).rejects.toThrow("admin-key must be at least 16");
    await rm(join(DATA_DIR, "admin-key"));
    await startAndStop(DATA_DIR);
  });
});

test("a damaged search index does not keep Parley from starting", async () => {
  const DATA_DIR = await temporaryFolder();
  await startAndStop(DATA_DIR);
  await writeFile(join(DATA_DIR, "search.sqlite"), "this is not a database ".repeat(1_000));
  await startAndStop(DATA_DIR);
});
