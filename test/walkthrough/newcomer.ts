import { type ChildProcess, spawn, spawnSync } from "node:child_process";
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
/** How this machine's own tools are set up, which a newcomer's would be too. */
const MACHINE = /^(GO(FLAGS|PROXY|ROOT|SUMDB|TOOLCHAIN)|PIP_\w+|PYENV_ROOT|SSL_CERT_\w+|\w+_PROXY)$/i;
const INSTALL = "npm ci && ";
const LINKED = ["buf.yaml", "gen", "node_modules", "package.json", "proto", "proto-validate"];

/** What is downloaded and built for Go stays between runs. */
function goCaches(): NodeJS.ProcessEnv {
  const { status, stdout } = spawnSync("go", ["env", "-json", "GOCACHE", "GOMODCACHE"], { encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as NodeJS.ProcessEnv) : {};
}

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
  const machine = Object.fromEntries(Object.entries(process.env).filter(([name]) => MACHINE.test(name)));
  const PATH = process.env
    .PATH!.split(delimiter)
    .filter((path) => !path.includes("node_modules"))
    .join(delimiter);
  const env: NodeJS.ProcessEnv = { ...machine, ...goCaches(), PATH, HOME: home, DATA_DIR: dataDir };
  for (const port of ["PORT", "GRPC_PORT", "PAGE_PORT"]) env[port] = await freePort();
  return { env, folder, dataDir, leave: () => rm(root, { recursive: true, force: true }) };
}

/**
 * Starts the server in the checkout, as a page says it, but for the installation, which the tests have. Resolves once it
 * is ready; `stop` is Ctrl-C.
 */
export async function startServer(start: string, env: NodeJS.ProcessEnv): Promise<{ stop(): Promise<number | null> }> {
  const child: ChildProcess = spawn("sh", ["-c", start.replace(INSTALL, "")], {
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
