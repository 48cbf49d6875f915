import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A Parley of its own: `npm start`'s program as a native process, on free ports. */
export type ParleyProcess = {
  /** `http://127.0.0.1:port` */
  address: string;
  /** `127.0.0.1:port` */
  grpcAddress: string;
  adminKey: string;
  dataDir: string;
  child: ChildProcess;
  /** What it wrote so far: log lines, then the rest. */
  output: { log: Record<string, unknown>[]; stderr: string };
  /** Ends it with a signal; resolves with its exit code, or null where the signal killed it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

/** Where a process keeps its data, removed by `remove`. */
export async function createDataDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "parley-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Starts a process and waits until it says that it is ready; rejects with its output where it ends before. */
export async function startParleyProcess(
  dataDir: string,
  environment: Record<string, string> = {},
  command: readonly string[] = [process.execPath, "standalone.ts"],
): Promise<ParleyProcess> {
  const env = {
    PATH: process.env.PATH,
    HOST: "127.0.0.1",
    PORT: "0",
    GRPC_PORT: "0",
    DATA_DIR: dataDir,
    ...environment,
  };
  const [program, ...parameters] = command;
  const child = spawn(program!, parameters, { env, stdio: ["ignore", "pipe", "pipe"] });
  const output: ParleyProcess["output"] = { log: [], stderr: "" };
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      output.log.push(entry);
      if (entry.msg === "ready") resolve(entry);
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready: ${output.stderr}`)));
  });
  const { address, grpcAddress } = (await ready) as { address: string; grpcAddress: string };
  const adminKey = environment.ADMIN_KEY ?? (await readFile(join(dataDir, "admin-key"), "utf8")).trim();
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    return ((await exited) as [number | null])[0];
  };
  return { address, grpcAddress, adminKey, dataDir, child, output, end };
}
