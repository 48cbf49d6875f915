import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { createResourceId } from "../../services/aip/resource-id.ts";
import type { Database } from "../../services/database/database.ts";
import { sequenceBefore } from "../../services/write-queue/commit-mark.ts";
import { openSqliteWriteQueue } from "../../services/write-queue/sqlite-write-queue.ts";
import type { WriteQueue } from "../../services/write-queue/write-queue.ts";
import { WriterPosition } from "../../services/writer/writer-position.ts";
import { createTestDatabase } from "./test-database.ts";

/** A database, and the embedded write queue in a temporary folder. */
export type Stores = {
  database: Database;
  queue: WriteQueue;
  /** The queue's file, to be read once the queue is closed. */
  queuePath: string;
  /** Closes both and opens them again. The fields are the new ones then. */
  reopen(): Promise<void>;
  /** Closes both and removes them. */
  close(): Promise<void>;
};

/** Opens new stores. */
export async function openStores(maxBytes = 100_000_000): Promise<Stores> {
  const folder = await mkdtemp(join(tmpdir(), "parley-test-"));
  const queuePath = join(folder, "queue.sqlite");
  const test = await createTestDatabase(folder);
  const open = async () => {
    const database = await test.open();
    const persisted = async () => sequenceBefore(await new WriterPosition(database).load());
    return { database, queue: await openSqliteWriteQueue({ path: queuePath, persisted, maxBytes }) };
  };
  const close = () => Promise.all([stores.queue.close(), stores.database.close()]);
  const stores: Stores = {
    ...(await open()),
    queuePath,
    async reopen() {
      await close();
      Object.assign(stores, await open());
    },
    async close() {
      await close();
      await test.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stores;
}

/** A new user of an application. */
export async function createUser(
  { users }: Database,
  application: string,
  id: string,
  role: User_Role = User_Role.USER,
): Promise<void> {
  const times = { createTime: 1_000, updateTime: 1_000, deleteTime: null, activateTime: null, tokensFrom: 0 };
  const none = { avatarUrl: null, metadata: null, email: null, passwordHash: null, bot: 0, eraseDue: 0, revision: 1 };
  await users.create({ application, id, displayName: id, role, ...times, ...none });
}

/** A new application in a database; resolves with its token. */
export async function createApplication({ applications }: Database, displayName = "Test"): Promise<string> {
  const token = createResourceId();
  await applications.create({ token, displayName, revision: 1, createTime: 1_000, updateTime: 1_000 });
  return token;
}
