import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LaunchedProgram, launchProgram, type Output } from "./launched-program.ts";

export type { Output } from "./launched-program.ts";

/** What `npm start` runs. */
export const PROGRAM = fileURLToPath(new URL("../standalone.ts", import.meta.url));

/** `npm start`'s program as a native process, on free ports, which may not be ready. */
export type LaunchedParley = LaunchedProgram & {
  /** Resolves once its banner says that it is ready; rejects with its output where it ends before. */
  ready: Promise<{ address: string; grpcAddress: string }>;
};

/** A Parley of its own that is ready. */
export type ParleyProcess = Pick<LaunchedParley, "child" | "output"> & {
  /** `http://127.0.0.1:port` */
  address: string;
  /** `127.0.0.1:port` */
  grpcAddress: string;
  adminKey: string;
  dataDir: string;
  /** Sends a signal; resolves with the exit code, or null where the signal killed it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

/** Where a process keeps its data, removed by `remove`. */
export async function createDataDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "parley-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Waits for the addresses in the banner. */
async function readBanner({
  child,
  output,
  ended,
}: LaunchedProgram): Promise<{ address: string; grpcAddress: string }> {
  const exited = ended.then(() => undefined);
  for (;;) {
    const found = /gRPC-Web +(\S+)\n +gRPC +(\S+)(?: with TLS)?\n.*-d /s.exec(output.stderr);
    if (found) return { address: found[1]!, grpcAddress: found[2]! };
    const more = await Promise.race([exited, once(child.stderr!, "data")]);
    if (!more) throw new Error(`ended with ${child.exitCode} before it was ready: ${output.stderr}`);
  }
}

/** Starts a process without waiting for it. The environment is this one alone, but for PATH. */
export function launchParley(
  dataDir: string,
  environment: Record<string, string> = {},
  command: readonly string[] = [process.execPath, PROGRAM],
): LaunchedParley {
  const addresses = { HOST: "127.0.0.1", PORT: "0", GRPC_PORT: "0", DATA_DIR: dataDir };
  const launched = launchProgram(command, { ...addresses, ...environment });
  const ready = readBanner(launched);
  ready.catch(() => undefined);
  return { ...launched, ready };
}

/** Starts a process and waits until it is ready; rejects with its output where it ends before. */
export async function startParleyProcess(
  dataDir: string,
  environment: Record<string, string> = {},
  command?: readonly string[],
): Promise<ParleyProcess> {
  const { child, output, ended, ready } = launchParley(dataDir, environment, command);
  const addresses = await ready;
  const adminKey = environment.ADMIN_KEY ?? (await readFile(join(dataDir, "admin-key"), "utf8")).trim();
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return { ...addresses, adminKey, dataDir, child, output, end };
}

/** The log's lines, each of which must be JSON. */
export function logLines({ stdout }: Output): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
