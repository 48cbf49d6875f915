import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, test } from "vitest";
import { RecordSchema, type Write, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { runDeadLetters } from "../../../services/commands/dead-letters.ts";
import { openStores } from "../../../services/embedded/stores.ts";
import { readSettings } from "../../../services/settings/settings.ts";
import type { WriteQueue } from "../../../services/write-queue/write-queue.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { createApplication } from "../stores.ts";
import { describeOnNats, newInstallation, openQueueAt, SILENT } from "../write-queue/nats-scene.ts";
import { chatWrite, deleteMessageWrite, messagesWrite, newMessage } from "../writes.ts";

const COMMAND = join(import.meta.dirname, "../../../services/commands/dead-letters.ts");
const CHAT = { application: "tenant", chat: 7 };
const TIME_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Where the dead letters of a test are. */
type Place = {
  /** What the command needs to find them. */
  environment: Record<string, string>;
  /** Uses the queue, while the command does not run. */
  use<T>(action: (queue: WriteQueue) => Promise<T>): Promise<T>;
};

async function createNatsPlace(url: string): Promise<Place> {
  const installation = newInstallation();
  const queue = await openQueueAt(url, { installation });
  return { environment: { NATS_URL: url, INSTALLATION: installation }, use: (action) => action(queue) };
}

async function createEmbeddedPlace(): Promise<Place> {
  const environment = { DATA_DIR: await temporaryFolder() };
  const open = (opened: AsyncDisposableStack) => openStores(readSettings(environment), SILENT, opened);
  await using opened = new AsyncDisposableStack();
  await createApplication((await open(opened)).database);
  return {
    environment,
    use: async (action) => {
      await using used = new AsyncDisposableStack();
      return await action((await open(used)).queue);
    },
  };
}

type Outcome = { code: number; stdout: string; stderr: string };

async function run({ environment }: Pick<Place, "environment">, ...parameters: string[]): Promise<Outcome> {
  const outcome: Outcome = { code: 0, stdout: "", stderr: "" };
  outcome.code = await runDeadLetters(parameters, environment, {
    print: (text) => {
      outcome.stdout += text;
    },
    complain: (text) => {
      outcome.stderr += text;
    },
  });
  return outcome;
}

const WRITES: Record<number, Write> = {
  4096: chatWrite(CHAT, { title: "plans" }),
  8193: messagesWrite(CHAT, [newMessage(CHAT, 1), newMessage(CHAT, 2)]),
  12288: deleteMessageWrite("applications/tenant/chats/7/messages/1"),
};

async function buryAll(queue: WriteQueue): Promise<void> {
  for (const [mark, write] of Object.entries(WRITES)) {
    const reason = `Data too long for column 'title'\nat row ${mark}`;
    await queue.bury({ mark: Number(mark), write: toBinary(WriteSchema, write), reason, timeMs: TIME_MS });
  }
}

async function readWrites(queue: WriteQueue): Promise<Write[]> {
  const records = await queue.read(0, { records: 10, bytes: 1_000_000 }, new AbortController().signal);
  return records.flatMap(({ data }) => fromBinary(RecordSchema, data).writes);
}

/** @param createPlace called within a test */
function describeDeadLetters(createPlace: () => Promise<Place>): void {
  let place: Place;

  beforeEach(async () => {
    place = await createPlace();
    await place.use(buryAll);
  });

  test("are listed for people", async () => {
    const { code, stdout } = await run(place, "list");
    expect(stdout.split("\n")).toEqual([
      "MARK   TIME                      KIND            NAME                                               REASON",
      expect.stringMatching(
        /^4096 {3}2026-01-02T03:04:05.000Z {2}createChat {6}applications\/tenant\/chats\/7 {2,}Data too long for column 'title' at row 4096$/,
      ),
      expect.stringMatching(
        /^8193 .* createMessages {2}applications\/tenant\/chats\/7\/messages\/1 and 1 more {2}Data/,
      ),
      expect.stringMatching(/^12288 .* deleteMessage {3}applications\/tenant\/chats\/7\/messages\/1 {2,}Data/),
      "",
    ]);
    expect(code).toBe(0);
  });

  test("are listed and shown as JSON", async () => {
    const listed = JSON.parse((await run(place, "list", "--json")).stdout);
    expect(listed).toHaveLength(3);
    expect(listed[0]).toEqual({
      mark: 4_096,
      time: "2026-01-02T03:04:05.000Z",
      kind: "createChat",
      name: "applications/tenant/chats/7",
      reason: "Data too long for column 'title'\nat row 4096",
    });
    const shown = JSON.parse((await run(place, "show", "4096")).stdout);
    expect(shown).toMatchObject({ mark: 4_096, write: { createChat: { chat: { title: "plans" } } } });
  });

  test("are replayed one by one: written again, then gone", async () => {
    expect(await run(place, "replay", "8193")).toMatchObject({
      code: 0,
      stdout: "8193 is record 1 of the write queue now\n",
    });
    expect(await place.use(readWrites)).toEqual([WRITES[8_193]]);
    expect((await place.use((queue) => queue.deadLetters(0, 10))).map(({ mark }) => mark)).toEqual([4_096, 12_288]);
  });

  test("are written once where a replay was interrupted before the letter was dropped", async () => {
    const record = toBinary(RecordSchema, create(RecordSchema, { writes: [WRITES[4_096]!] }));
    await place.use((queue) => queue.append(record, { id: "replay-4096" }));
    expect(await run(place, "replay", "4096")).toMatchObject({ code: 0 });
    expect(await place.use(readWrites)).toEqual([WRITES[4_096]]);
    expect((await place.use((queue) => queue.deadLetters(0, 10))).map(({ mark }) => mark)).toEqual([8_193, 12_288]);
  });

  test("are replayed all", async () => {
    const replayed = JSON.parse((await run(place, "replay", "--all", "--json")).stdout);
    expect(replayed).toEqual([
      { mark: 4_096, sequence: 1 },
      { mark: 8_193, sequence: 2 },
      { mark: 12_288, sequence: 3 },
    ]);
    expect(await run(place, "list")).toMatchObject({ code: 0, stdout: "there are no dead letters\n" });
    expect(await run(place, "replay", "--all")).toMatchObject({ code: 0, stdout: "there are no dead letters\n" });
  });

  test("are dropped only with --yes", async () => {
    expect(await run(place, "drop", "4096")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("nothing was dropped; it cannot be undone, so repeat it with --yes"),
    });
    expect(await run(place, "drop", "4096", "--yes")).toMatchObject({ code: 0, stdout: "4096 is dropped\n" });
    expect((await place.use((queue) => queue.deadLetters(0, 10))).map(({ mark }) => mark)).toEqual([8_193, 12_288]);
  });

  test.each([["show"], ["replay"], ["drop"]])("that do not exist cannot be the object of %s", async (verb) => {
    const outcome = await run(place, verb, "4097", ...(verb === "drop" ? ["--yes"] : []));
    expect(outcome).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("no dead letter 4097") });
  });
}

describe("dead letters in the embedded queue", () => describeDeadLetters(createEmbeddedPlace));

describeOnNats("dead letters in NATS", (nats) => {
  describeDeadLetters(() => createNatsPlace(nats.server.url));

  test("are looked for by a process of its own", async () => {
    const env = { PATH: process.env.PATH, NATS_URL: nats.server.url, INSTALLATION: newInstallation() };
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, "list", "--json"], { env });
    expect(stdout).toBe("[]\n");
  });
});

describe("the command", () => {
  test("says how it is used, and with --help that is no failure", async () => {
    const help = await run({ environment: {} }, "--help");
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining("replay --all"), stderr: "" });
    const wrong = await run({ environment: {} }, "find");
    expect(wrong).toEqual({ code: 2, stdout: "", stderr: `cannot do "find"\n\n${help.stdout}` });
  });

  test("refuses a folder without a queue, and makes none", async () => {
    const DATA_DIR = join(await temporaryFolder(), "none");
    for (const _ of [1, 2]) {
      const outcome = await run({ environment: { DATA_DIR } }, "list");
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("holds no queue.sqlite") });
    }
  });

  test("refuses a folder whose server runs", async () => {
    const place = await createEmbeddedPlace();
    await place.use(async () => {
      const outcome = await run(place, "list");
      expect(outcome).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/is in use by another process; stop it/),
      });
    });
  });

  test("says which setting is wrong where NATS is not there", async () => {
    const outcome = await run({ environment: { NATS_URL: "nats://127.0.0.1:1" } }, "list");
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("NATS_URL 127.0.0.1:1 cannot be used") });
  });
});
