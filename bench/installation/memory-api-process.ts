import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NativeProcess } from "../../test/production/native-process.ts";
import { parametersOf } from "../../test/production/role-processes.ts";
import { freePort } from "../../test/servers/free-port.ts";
import { startYardstick } from "../yardsticks/yardstick-process.ts";

/** The application whose key any credential is taken for, and a chat of it. */
export const MEMORY_APPLICATION = "0123456789abcdefghijklmnop";
export const MEMORY_PARENT = `applications/${MEMORY_APPLICATION}/chats/10`;

/** An edge whose api answers from memory. */
export type MemoryParley = {
  /** `http://host:port` of the edge. */
  address: string;
  pids: Record<string, number>;
  close(): Promise<void>;
};

/** Edge and api in one process. */
export async function openLocalMemoryParley(): Promise<MemoryParley> {
  const { address, pid, close } = await startYardstick("../installation/memory-api", "edge");
  return { address: `http://${address}`, pids: { parley: pid }, close };
}

/** Edge and api as processes of their own. */
export async function openMemoryParley(): Promise<MemoryParley> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-edge-"));
  const api = await startYardstick("../installation/memory-api", "api");
  const [port, privatePort] = [await freePort(), await freePort()];
  const edge = new NativeProcess({
    name: "edge",
    parameters: parametersOf("edge"),
    environment: { PORT: String(port), PRIVATE_PORT: String(privatePort), API_ADDRESSES: api.address },
    address: `http://127.0.0.1:${privatePort}`,
    logFile: join(folder, "edge.log"),
  });
  const close = async () => {
    await Promise.all([edge.close(), api.close()]);
    await rm(folder, { recursive: true });
  };
  await edge.start().catch(async (error) => {
    await close();
    throw error;
  });
  return { address: `http://127.0.0.1:${port}`, pids: { edge: edge.pid, api: api.pid }, close };
}
