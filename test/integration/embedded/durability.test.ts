import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { text } from "../../message-text.ts";
import { createDataDir, PROGRAM, startParleyProcess } from "../../parley-process.ts";
import { openTransports, PROTOCOLS } from "../../protocols.ts";
import { isInstalled, parseTrace, type SystemCall, traced } from "../../system-call-trace.ts";
import { createTenant, servicesOf } from "../../tenant.ts";

const SYNCS = ["fsync", "fdatasync"];
const WRITES = ["write", "writev", "sendmsg", "sendto"];
const CREATES = 5;

const markerOf = (protocol: string, index: number) => `MARK-${protocol}-${index}-END`;

describe.runIf(isInstalled("strace", "-V"))("seen by strace", () => {
  let dataDir: Awaited<ReturnType<typeof createDataDir>>;
  let calls: SystemCall[];

  beforeAll(async () => {
    dataDir = await createDataDir();
    const file = join(dataDir.path, "trace");
    const command = traced(file, [...SYNCS, ...WRITES, "pwrite64"], [process.execPath, PROGRAM]);
    const parley = await startParleyProcess(dataDir.path, { LOG_LEVEL: "silent" }, command);
    const transports = openTransports(parley);
    const tenant = await createTenant(transports.rest, parley.adminKey);
    const chat = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    for (const protocol of PROTOCOLS) {
      const { messages } = servicesOf(transports[protocol], tenant.key);
      for (let index = 0; index < CREATES; index++) {
        await messages.createMessage({ parent: chat.name, message: text(markerOf(protocol, index)) });
      }
    }
    transports.close();
    await parley.end("SIGKILL");
    const read = () => readFile(file, "utf8");
    await vi.waitFor(async () => expect(await read()).toMatch(/\+\+\+ (killed|exited)[^\n]*\n$/));
    calls = parseTrace(await read());
  });

  afterAll(() => dataDir.remove());

  test.each(PROTOCOLS)("a create by %s is answered after its record is synced", (protocol) => {
    for (let index = 0; index < CREATES; index++) {
      const marker = markerOf(protocol, index);
      const isQueue = ({ target }: SystemCall) => target.includes("queue.sqlite");
      const record = calls.find((call) => call.name === "pwrite64" && isQueue(call) && call.text.includes(marker));
      expect(record, "the record is written").toBeDefined();
      const sync = calls.find((call) => SYNCS.includes(call.name) && isQueue(call) && call.start > record!.end);
      expect(sync?.result, "the queue's file is synced").toBe(0);
      const answer = calls.find(
        ({ name, target, text }) => WRITES.includes(name) && target.startsWith("TCP") && text.includes(marker),
      );
      expect(answer, "the answer is sent").toBeDefined();
      expect(answer!.start).toBeGreaterThan(sync!.end);
    }
  });
});
