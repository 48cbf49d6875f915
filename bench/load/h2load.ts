import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sample } from "../bench-case.ts";
import { measureCpu } from "../measure/cpu-time.ts";
import { percentile } from "../measure/percentile.ts";
import { readSeconds, readTimes } from "./h2load-output.ts";
import { findH2load } from "./h2load-program.ts";

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
  /** How long each request took, in milliseconds, sorted. */
  timesMs: Float64Array;
};

/** Sends a fixed number of requests. Rejects where h2load is missing or one of them failed. */
export async function runH2load(load: Load, requests: number): Promise<LoadReport> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-load-"));
  try {
    const [urls, log] = [join(folder, "urls"), join(folder, "log")];
    await writeFile(urls, `${load.urls.join("\n")}\n`);
    const output = await run([...parametersOf(load, requests), `--log-file=${log}`, `--input-file=${urls}`]);
    return { requests, seconds: readSeconds(output, requests), timesMs: readTimes(await readFile(log, "latin1")) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Sends a fixed number of requests, and reads what each process used meanwhile. */
export function sampleH2load(load: Load, requests: number, pids: Readonly<Record<string, number>>): Promise<Sample> {
  return sampleAtOnce([load], requests, pids);
}

/** The same of several loads at the same time, each of which sends its share of the requests. */
export async function sampleAtOnce(
  loads: readonly Load[],
  requests: number,
  pids: Readonly<Record<string, number>>,
): Promise<Sample> {
  const share = Math.ceil(requests / loads.length);
  const run = () => Promise.all(loads.map((load) => runH2load(load, share)));
  const { result: reports, cpuMicros } = await measureCpu(pids, run);
  const times = Float64Array.from(reports.flatMap(({ timesMs }) => [...timesMs])).sort();
  const perOp = Object.entries(cpuMicros).map(([name, micros]) => [name, micros / times.length]);
  return {
    rate: times.length / Math.max(...reports.map(({ seconds }) => seconds)),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
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
  const program = await findH2load(process.env, false);
  const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`h2load ended with ${code}:\n${output}`);
  return output;
}
