import { rm } from "node:fs/promises";
import { createDataDir } from "../../test/parley-process.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { figureAtMost } from "../goals.ts";
import { openEmbeddedParley, startEmbedded } from "../installation/embedded-parley.ts";
import { openCreatesLoad } from "../load/creates-load.ts";
import { runH2load } from "../load/h2load.ts";
import { summarize } from "../measure/compare.ts";
import { median } from "../measure/percentile.ts";
import { memoryAtRest } from "../measure/resident-memory.ts";

const CREATES = 1_000_000;
/** Of one run of h2load, which writes a line for each. */
const CREATES_AT_ONCE = 50_000;

type Start = { readyMs: number; restMb: number };

/** The first start on a folder makes its tables, and the first of all compiles; those after it are measured. */
async function measureStarts({ pace, tell }: BenchContext): Promise<Start[]> {
  const { path } = await createDataDir();
  try {
    const starts: Start[] = [];
    for (let round = 0; round <= pace.rounds; round++) {
      const since = performance.now();
      const parley = await startEmbedded(path);
      const readyMs = performance.now() - since;
      const restMb = await memoryAtRest(parley.child.pid!, pace.scale);
      await parley.end("SIGTERM");
      tell(`  start ${round}: ready after ${readyMs.toFixed(0)} ms, ${restMb.toFixed(0)} MB at rest`);
      if (round > 0) starts.push({ readyMs, restMb });
    }
    return starts;
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** How much more memory is held at rest after many creates than before them. */
async function measureGrowth({ pace, tell }: BenchContext): Promise<number> {
  const parley = await openEmbeddedParley();
  try {
    const before = await memoryAtRest(parley.pids.parley, pace.scale);
    const creates = await openCreatesLoad(parley);
    const count = CREATES * pace.scale;
    for (let sent = 0; sent < count; sent += CREATES_AT_ONCE) {
      await runH2load(creates.load, Math.min(CREATES_AT_ONCE, count - sent));
    }
    await creates.close();
    await parley.stored.reached(count);
    await parley.stored.indexed();
    await parley.stored.check(count);
    const after = await memoryAtRest(parley.pids.parley, pace.scale);
    tell(`  ${before.toFixed(0)} MB before ${count} creates, ${after.toFixed(0)} MB after them`);
    return after - before;
  } finally {
    await parley.close();
  }
}

async function runIdle(context: BenchContext): Promise<CaseResult> {
  const starts = await measureStarts(context);
  const growthMb = await measureGrowth(context);
  const readyMs = median(starts.map((start) => start.readyMs));
  const measured = summarize(starts.map(({ restMb }) => ({ rate: restMb })));
  return { case: "idle", unit: "MB", ...measured, figures: { readyMs, restMb: measured.ours, growthMb } };
}

/** What the embedded default takes where nobody calls it. */
export const IDLE: BenchCase = {
  name: "idle",
  about: "the embedded default: start to ready, memory at rest, and how much more after 10⁶ creates",
  yardstick: "none",
  goals: [
    figureAtMost("ready < 1 s", "readyMs", 1_000),
    figureAtMost("resident < 150 MB", "restMb", 150),
    figureAtMost("growth < 20 MB", "growthMb", 20),
  ],
  needs: ["h2load"],
  run: runIdle,
};
