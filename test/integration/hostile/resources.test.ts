import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PROGRAM } from "../../parley-process.ts";
import { openByteStream } from "./byte-stream.ts";
import { END_HEADERS, FRAME, frame, openHttp2Wire } from "./http2-wire.ts";
import { requestArbitrary } from "./request-arbitrary.ts";
import { openScene, REQUEST_MAX_BYTES, type Scene } from "./scene.ts";
import { openWireCaller } from "./wire-caller.ts";
import { envelopeOf } from "./wire-request.ts";

/** Collects garbage all the time, so that what the metrics tell of the heap is in use. */
const COLLECT = "setInterval(gc, 200).unref()";
const COMMAND = [process.execPath, "--expose-gc", "--import", `data:text/javascript,${COLLECT}`, PROGRAM];

const MiB = 1_048_576;
const ROUNDS = 4;
/** A round is this many requests, and this many broken connections. */
const REQUESTS = 1_000;
const CONNECTIONS = 100;

/** For compiled code, and what is stored; 2 KiB a request. */
const MAX_GROWTH_MIB = 8;

type Use = { heap: number; descriptors: number; handles: number };

async function readMetric(scene: Scene, name: string): Promise<number> {
  const answer = await fetch(`${scene.parley.address}/metrics`, { headers: { connection: "close" } });
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(await answer.text())?.[1]);
}

async function readUse(scene: Scene): Promise<Use> {
  const heap = await readMetric(scene, "nodejs_heap_size_used_bytes");
  const external = await readMetric(scene, "nodejs_external_memory_bytes");
  const descriptors = (await readdir(`/proc/${scene.parley.child.pid}/fd`)).length;
  return { heap: heap + external, descriptors, handles: await readMetric(scene, "nodejs_active_resources_total") };
}

/** The use once it has come to rest. */
async function readSettledUse(scene: Scene): Promise<Use> {
  let last = await readUse(scene);
  const isAtRest = async () => {
    const { heap, descriptors, handles } = last;
    last = await readUse(scene);
    return last.descriptors === descriptors && last.handles === handles && Math.abs(last.heap - heap) < MiB;
  };
  await expect.poll(isAtRest, { interval: 500, timeout: 20_000 }).toBe(true);
  return last;
}

/** Requests of every kind, over connections that are closed at the end. */
async function sendRequests(scene: Scene, seed: number): Promise<void> {
  const caller = openWireCaller(scene.parley);
  const { name, key } = scene.tenant;
  const requests = fc.sample(requestArbitrary({ application: name, key }), { numRuns: REQUESTS, seed });
  const next = async (): Promise<void> => {
    for (let sent = requests.pop(); sent; sent = requests.pop()) {
      const body = requests.length % 50 === 0 ? envelopeOf(Buffer.alloc(REQUEST_MAX_BYTES + 1)) : sent.request.body;
      await caller.send(sent.way, { ...sent.request, body }).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: 16 }, next));
  caller.close();
}

/** Connections that are left in the middle of a request. */
async function breakConnections({ parley, tenant, names }: Scene): Promise<void> {
  const head = `POST /v1/${names.chat}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tenant.key}\r\n`;
  const halves = ["GET /v1", head, `${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`];
  for (let index = 0; index < CONNECTIONS; index++) {
    const stream = await openByteStream(parley.address);
    stream.write(halves[index % halves.length]!);
    const wire = await openHttp2Wire(parley.grpcAddress);
    wire.write(frame(FRAME.headers, END_HEADERS * (index % 2), 1, Buffer.alloc(10, index)));
    stream.destroy();
    wire.destroy();
  }
}

async function attack(scene: Scene, seed: number): Promise<void> {
  await sendRequests(scene, seed);
  await breakConnections(scene);
}

/** What is more than before, in words; "" where nothing is. */
function describeGrowth(before: Use, { heap, descriptors, handles }: Use): string {
  const growth = (heap - before.heap) / MiB;
  return [
    growth > MAX_GROWTH_MIB ? `${growth.toFixed(1)} MiB of memory` : "",
    descriptors > before.descriptors ? `${descriptors - before.descriptors} descriptors` : "",
    handles > before.handles ? `${handles - before.handles} handles` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

test.runIf(existsSync("/proc/self/fd"))("memory and open handles return to where they were", async () => {
  // What is kept on purpose, so that reads are fast, is no leak.
  const scene = await openScene({ RECENT_BYTES_MAX: "0" }, COMMAND);
  // The first search opens what searches.
  await scene.tenant.search.searchMessages({ parent: scene.names.chat, query: "message" });
  await attack(scene, 0);
  const before = await readSettledUse(scene);
  for (let round = 1; round <= ROUNDS; round++) await attack(scene, round);
  let after = await readUse(scene);
  const grown = async () => {
    after = await readUse(scene);
    return describeGrowth(before, after);
  };
  await expect.poll(grown, { timeout: 20_000 }).toBe("");
  const growth = ((after.heap - before.heap) / MiB).toFixed(1);
  process.stdout.write(`${growth} MiB more after ${ROUNDS * REQUESTS} requests\n`);
  scene.expectNoFault();
  await scene.close();
});
