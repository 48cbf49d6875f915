import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** Somebody who has the checkout, the system's own programs and an empty home. */
export type Newcomer = {
  /** What both terminals have. */
  env: NodeJS.ProcessEnv;
  /** A folder to work in, in which the checkout's `gen`, `proto` and so on are. */
  folder: string;
  dataDir: string;
  leave(): Promise<void>;
};

const CHECKOUT = resolve(import.meta.dirname, "../..");
const LINKED = ["buf.yaml", "gen", "node_modules", "package.json", "proto", "proto-validate"];

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return String(port);
}

/** Makes an empty home, a data folder and a work folder, all temporary. The ports are free ones, not the default's. */
export async function welcomeNewcomer(): Promise<Newcomer> {
  const root = await mkdtemp(join(tmpdir(), "parley-newcomer-"));
  const [home, folder, dataDir] = ["home", "work", "data"].map((name) => join(root, name)) as [string, string, string];
  await Promise.all([mkdir(home), mkdir(folder)]);
  for (const name of LINKED) await symlink(join(CHECKOUT, name), join(folder, name));
  const PATH = process.env
    .PATH!.split(delimiter)
    .filter((path) => !path.includes("node_modules"))
    .join(delimiter);
  const env = { PATH, HOME: home, DATA_DIR: dataDir, PORT: await freePort(), GRPC_PORT: await freePort() };
  return { env, folder, dataDir, leave: () => rm(root, { recursive: true, force: true }) };
}

/** Runs a command in the checkout until `stop`, once it has said that it is ready. */
export async function startServer(
  command: string,
  env: NodeJS.ProcessEnv,
): Promise<{ stop(): Promise<number | null> }> {
  const child: ChildProcess = spawn("sh", ["-c", command], {
    cwd: CHECKOUT,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  await new Promise<void>((resolveReady, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Parley is ready")) resolveReady();
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready:\n${output}`)));
  });
  const stop = async () => {
    const exited = once(child, "exit");
    process.kill(-child.pid!, "SIGINT");
    return ((await exited) as [number | null])[0];
  };
  return { stop };
}
