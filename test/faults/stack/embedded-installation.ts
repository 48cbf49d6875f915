import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { QueueRecord } from "../../../services/write-queue/write-queue.ts";
import { PROGRAM } from "../../parley-process.ts";
import { NativeProcess } from "../../production/native-process.ts";
import { freePort } from "../../servers/free-port.ts";
import type { Event } from "../history/history.ts";
import type { Item } from "../history/resource.ts";
import { EventReader } from "../observe/event-reader.ts";
import {
  type ChatRow,
  itemOfChatRow,
  itemOfMessageRow,
  type MessageRow,
  ROW_QUERIES,
} from "../observe/message-rows.ts";
import type { Installation } from "./installation.ts";

const ADMIN_KEY = "faults-admin-key-0123456789abcdef";

/** The embedded default: one process on the files of a folder. */
export async function startEmbedded(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "parley-faults-"));
  const data = join(folder, "data");
  const [port, grpcPort] = [await freePort(), await freePort()];
  const address = `http://127.0.0.1:${port}`;
  const parley = new NativeProcess({
    name: "parley",
    parameters: [PROGRAM],
    environment: {
      ...{ HOST: "127.0.0.1", PORT: String(port), GRPC_PORT: String(grpcPort), DATA_DIR: data, ADMIN_KEY },
      COUNT_INTERVAL: "500ms",
    },
    address,
    logFile: join(folder, "parley.log"),
  });
  await parley.start();
  return {
    adminKey: ADMIN_KEY,
    entryPoints: { grpc: [`127.0.0.1:${grpcPort}`], edges: [address] },
    processes: { parley },
    readRows: async () => readRows(join(data, "parley.sqlite")),
    // None is expected: one would be a message that is lost.
    readDeadLetters: async () => [],
    epochs: () => [],
    subscribers: () => readEvents(parley, join(data, "queue.sqlite")),
    folder,
    async close(failed) {
      await parley.close();
      if (!failed) await rm(folder, { recursive: true, force: true });
    },
  };
}

function readRows(path: string): Item[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const messages = database.prepare(ROW_QUERIES.messages).all() as unknown as MessageRow[];
    const chats = database.prepare(ROW_QUERIES.chats).all() as unknown as ChatRow[];
    return [...chats.map(itemOfChatRow), ...messages.map(itemOfMessageRow)];
  } finally {
    database.close();
  }
}

/** The queue is locked while the process runs; it keeps its records for an hour. */
async function readEvents(parley: NativeProcess, path: string): Promise<Event[][]> {
  await parley.kill("SIGTERM");
  const queue = new DatabaseSync(path, { readOnly: true });
  const reader = new EventReader();
  for (const record of queue.prepare("SELECT sequence, data FROM records ORDER BY sequence").iterate()) {
    reader.read(record as unknown as QueueRecord);
  }
  queue.close();
  await parley.start();
  return [reader.events];
}
