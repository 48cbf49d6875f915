import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sample } from "../bench-case.ts";
import { measureCpu } from "../measure/cpu-time.ts";
import { percentile } from "../measure/percentile.ts";

/** One kind of request, sent again and again. */
export type Load = {
  /** `http://host:port/path`; several take turns. */
  urls: readonly string[];
  headers: Readonly<Record<string, string>>;
  /** A file with the body of a POST; without it the requests are GETs. It is read anew for each request. */
  bodyFile?: string;
  connections: number;
  /** Requests in flight on a connection: streams of HTTP/2. */
  streams: number;
  /** Whether it speaks HTTP/1.1 and not HTTP/2. */
  isHttp1?: boolean;
};

/** What a load came to. */
export type LoadReport = {
  requests: number;
  seconds: number;
  /** Answers with an HTTP status below 400. Of gRPC's own status h2load sees nothing. */
  succeeded: number;
  /** How long each request took, in milliseconds, sorted. */
  timesMs: Float64Array;
};

const PROGRAM = "h2load";

/** Sends a fixed number of requests. Rejects where h2load is missing or one of them failed. */
export async function runH2load(load: Load, requests: number): Promise<LoadReport> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-load-"));
  try {
    const [urls, log] = [join(folder, "urls"), join(folder, "log")];
    await writeFile(urls, `${load.urls.join("\n")}\n`);
    const output = await run([...parametersOf(load, requests), `--log-file=${log}`, `--input-file=${urls}`]);
    return { ...readSummary(output, requests), timesMs: readTimes(await readFile(log, "latin1")) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Sends a fixed number of requests, and reads what each process used meanwhile. */
export async function sampleH2load(
  load: Load,
  requests: number,
  pids: Readonly<Record<string, number>>,
): Promise<Sample> {
  const { result, cpuMicros } = await measureCpu(pids, () => runH2load(load, requests));
  const perOp = Object.entries(cpuMicros).map(([name, micros]) => [name, micros / requests]);
  return {
    rate: requests / result.seconds,
    p50Ms: percentile(result.timesMs, 0.5),
    p99Ms: percentile(result.timesMs, 0.99),
    cpuMicrosPerOp: Object.fromEntries(perOp),
  };
}

function parametersOf({ headers, bodyFile, connections, streams, isHttp1 }: Load, requests: number): string[] {
  return [
    `--requests=${requests}`,
    `--clients=${Math.min(connections, requests)}`,
    "--threads=1",
    ...(isHttp1 ? ["--h1"] : [`--max-concurrent-streams=${streams}`]),
    ...(bodyFile === undefined ? [] : [`--data=${bodyFile}`]),
    ...Object.entries(headers).map(([name, value]) => `--header=${name}: ${value}`),
  ];
}

async function run(parameters: readonly string[]): Promise<string> {
  const child = spawn(PROGRAM, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = await once(child, "close").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw new Error("h2load is not on the PATH: on Debian it is in the package nghttp2-client", { cause });
  });
  if (code !== 0) throw new Error(`h2load ended with ${code}:\n${output}`);
  return output;
}

function readSummary(output: string, requests: number): Omit<LoadReport, "timesMs"> {
  const finished = /finished in ([\d.]+)(us|ms|s|m)\b/.exec(output);
  const succeeded = Number(/ (\d+) succeeded/.exec(output)?.[1] ?? 0);
  const statuses = /status codes: (\d+) 2xx/.exec(output);
  if (!finished || succeeded !== requests || Number(statuses?.[1]) !== requests) {
    throw new Error(`${requests} requests were sent, and not all were answered with success:\n${output}`);
  }
  const unit = { us: 1e-6, ms: 1e-3, s: 1, m: 60 }[finished[2]!]!;
  return { requests, seconds: Number(finished[1]) * unit, succeeded };
}

function readTimes(log: string): Float64Array {
  const times = log
    .trimEnd()
    .split("\n")
    .map((line) => Number(line.slice(line.lastIndexOf("\t") + 1)) / 1_000);
  return Float64Array.from(times).sort();
}
