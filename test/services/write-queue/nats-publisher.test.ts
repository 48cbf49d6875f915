import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { NatsWriteQueue } from "../../../services/write-queue/nats-write-queue.ts";
import { EpochOverError, QueueUnavailableError } from "../../../services/write-queue/write-queue.ts";
import { TcpProxy } from "../../faults/tcp-proxy.ts";
import { describeOnNats, fillQueue, newInstallation, openQueueAt } from "./nats-scene.ts";

const LIMIT = { records: 100, bytes: 1_000_000 };

describeOnNats("publishes to NATS", (nats) => {
  let proxy: TcpProxy;
  /** Reaches the server directly. */
  let queue: NatsWriteQueue;
  /** The same queue, of a process behind the proxy. */
  let behind: NatsWriteQueue;

  beforeEach(async () => {
    proxy = await TcpProxy.open(nats.server.port);
    onTestFinished(() => proxy.close());
    const installation = newInstallation();
    queue = await openQueueAt(nats.server.url, { installation });
    behind = await openQueueAt(`nats://127.0.0.1:${proxy.port}`, { installation });
  });

  const bytesOf = (text: string) => new TextEncoder().encode(text);

  /** The texts of all records but those of epochs. */
  async function storedTexts(): Promise<string[]> {
    const texts: string[] = [];
    const end = await queue.end();
    for (let last = 0; last < end; ) {
      const records = await queue.read(last, LIMIT, new AbortController().signal);
      texts.push(...records.map(({ data }) => new TextDecoder().decode(data)));
      last = records.at(-1)!.sequence;
    }
    return texts.filter((text) => text.startsWith("text"));
  }

  describe("an append whose answer is lost", () => {
    test("is sent again and stored once", async () => {
      proxy.dropAnswers();
      const append = behind.append(bytesOf("text"));
      await expect.poll(storedTexts).toEqual(["text"]);
      proxy.passAnswers();
      expect(await append).toBe(await queue.end());
      expect(await storedTexts()).toEqual(["text"]);
    });

    test("resolves with its sequence where it was stored, though its epoch is over by then", async () => {
      const { epoch } = (await queue.beginEpoch(0))!;
      proxy.dropAnswers();
      const append = behind.append(bytesOf("text"), { epoch });
      await expect.poll(storedTexts).toEqual(["text"]);
      const stored = await queue.end();
      await queue.beginEpoch(epoch);
      proxy.passAnswers();
      expect(await append).toBe(stored);
    });

    test("is refused, and not stored, where its epoch is over before it came through", async () => {
      const { epoch } = (await queue.beginEpoch(0))!;
      proxy.refuse(true);
      const append = behind.append(bytesOf("text"), { epoch });
      await queue.beginEpoch(epoch);
      proxy.refuse(false);
      await expect(append).rejects.toThrow(EpochOverError);
      expect(await storedTexts()).toEqual([]);
    });

    test("ends as unavailable after PUBLISH_TIMEOUT, and a repetition under its id finds the record", async () => {
      const installation = newInstallation();
      const publishTimeoutMs = 400;
      queue = await openQueueAt(nats.server.url, { installation });
      behind = await openQueueAt(`nats://127.0.0.1:${proxy.port}`, { installation, publishTimeoutMs });
      proxy.dropAnswers();
      await expect(behind.append(bytesOf("text"), { id: "a" })).rejects.toThrow(QueueUnavailableError);
      proxy.passAnswers();
      expect(await behind.append(bytesOf("text"), { id: "a" })).toBe(1);
      expect(await storedTexts()).toEqual(["text"]);
    });
  });

  test("an append whose first attempt was not answered, and for which there is no room now, is unavailable", async () => {
    const options = { installation: newInstallation(), maxBytes: 1_048_576 };
    queue = await openQueueAt(nats.server.url, options);
    behind = await openQueueAt(`nats://127.0.0.1:${proxy.port}`, options);
    proxy.refuse(true);
    const append = behind.append(bytesOf("text"));
    const unavailable = expect(append).rejects.toMatchObject({
      name: "QueueUnavailableError",
      cause: { message: expect.stringMatching(/the stream is full, .* it may be stored/) },
    });
    await fillQueue(queue);
    proxy.refuse(false);
    await unavailable;
  });

  describe("an epoch whose answer is lost", () => {
    test("is begun once", async () => {
      proxy.dropAnswers();
      const begin = behind.beginEpoch(0);
      await expect.poll(() => queue.currentEpoch()).toBeDefined();
      proxy.passAnswers();
      expect(await begin).toEqual(await queue.currentEpoch());
      expect(await queue.end()).toBe(1);
    });

    test("is told as the one that was begun, also where another followed", async () => {
      proxy.dropAnswers();
      const begin = behind.beginEpoch(0);
      await expect.poll(() => queue.currentEpoch()).toBeDefined();
      const first = await queue.currentEpoch();
      await queue.beginEpoch(first!.epoch);
      proxy.passAnswers();
      expect(await begin).toEqual(first);
    });
  });

  test("a server that is gone for less than PUBLISH_TIMEOUT is waited for", async () => {
    proxy.refuse(true);
    const append = behind.append(bytesOf("text"));
    setImmediate(() => proxy.refuse(false));
    expect(await append).toBe(1);
  });

  test("ids are known after a kill of the server", async () => {
    const first = await queue.append(bytesOf("text"), { id: "a" });
    await nats.server.kill();
    await nats.server.start();
    expect(await queue.append(bytesOf("text"), { id: "a" })).toBe(first);
    expect(await storedTexts()).toEqual(["text"]);
  });

  test("a record that no message of the server can hold is refused at once", async () => {
    const data = new Uint8Array(queue.maxRecordBytes + 1);
    await expect(queue.append(data)).rejects.toThrow(/does not fit .* raise max_payload/);
    expect(await queue.append(data.subarray(1), { epoch: undefined })).toBe(1);
  });
});
