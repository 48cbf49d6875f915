import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** A file that h2load reads for each request, in which one thing keeps changing. */
export type TurningBody = { path: string; close(): Promise<void> };

/** How often it changes, in milliseconds: about as often as a few requests are sent. */
const TURN_MS = 0.25;

/** Runs in a thread of its own; its data are the path, the place in the file and the texts to put there. */
const TURN = `
const { openSync, writeSync } = require("node:fs");
const { workerData: { path, offset, texts, turnMs } } = require("node:worker_threads");
const [file, cell] = [openSync(path, "r+"), new Int32Array(new SharedArrayBuffer(4))];
const all = texts.map((text) => Buffer.from(text));
for (let turn = 0; ; turn = (turn + 1) % all.length) {
  writeSync(file, all[turn], 0, all[turn].length, offset);
  Atomics.wait(cell, 0, 0, turnMs);
}`;

/**
 * A body in which the bytes of `texts[0]` are replaced by one text after the other, all equally long. h2load sends one
 * body alone, but reads it from the file for each request; so its requests go to many chats. A text that is read half-written
 * must be another of them.
 */
export async function turnBody(body: Uint8Array, texts: readonly (string | Uint8Array)[]): Promise<TurningBody> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-body-"));
  const path = join(folder, "body");
  await writeFile(path, body);
  if (texts.length < 2) return { path, close: () => rm(folder, { recursive: true }) };
  const offset = Buffer.from(body).indexOf(texts[0]!);
  if (offset < 0 || texts.some(({ length }) => length !== texts[0]!.length)) {
    throw new Error(`a body in which '${texts[0]}' turns must have it, and texts as long as it`);
  }
  const worker = new Worker(TURN, { eval: true, workerData: { path, offset, texts, turnMs: TURN_MS } });
  return {
    path,
    async close() {
      await worker.terminate();
      await rm(folder, { recursive: true });
    },
  };
}
