import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { NatsWriteQueue } from "../../../services/write-queue/nats-write-queue.ts";
import { EpochOverError, QueueUnavailableError, READ_LIMIT } from "../../../services/write-queue/write-queue.ts";
import { NatsCluster } from "../../servers/nats-cluster.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { newInstallation, openQueueAt } from "./nats-scene.ts";

const PROCESSES = ["one", "two", "three"];
const SECOND_MS = 1_000;

describeWithOwn(["nats"], "a cluster of NATS", () => {
  let cluster: NatsCluster;
  let installation: string;

  beforeAll(async () => {
    cluster = await NatsCluster.start();
  }, 60 * SECOND_MS);

  afterAll(() => cluster.stop(), 60 * SECOND_MS);

  beforeEach(() => {
    installation = newInstallation();
  });

  /** Opens the queue as a process that knows one of the servers first. */
  const openAt = (index: number) =>
    openQueueAt(cluster.servers[index]!.url, { installation, replicas: 3, publishTimeoutMs: 10 * SECOND_MS });

  /** Appends one record after the other, each with its own text, while `goesOn`; adds the texts answered, with their sequences. */
  async function appendWhile(
    queue: NatsWriteQueue,
    process: string,
    { answered, goesOn }: { answered: [sequence: number, text: string][]; goesOn: () => boolean },
  ): Promise<void> {
    let { epoch } = (await queue.currentEpoch())!;
    for (let count = 0; goesOn(); count++) {
      const text = `${process} ${count}`;
      try {
        answered.push([await queue.append(new TextEncoder().encode(text), { epoch }), text]);
      } catch (error) {
        if (!(error instanceof EpochOverError)) expect(error).toBeInstanceOf(QueueUnavailableError);
        epoch = (await queue.currentEpoch().catch(() => undefined))?.epoch ?? epoch;
      }
    }
  }

  async function readAll(queue: NatsWriteQueue): Promise<Map<number, string>> {
    const stored = new Map<number, string>();
    const end = await queue.end();
    for (let last = 0; last < end; ) {
      for (const { sequence, data } of await queue.read(last, READ_LIMIT, new AbortController().signal)) {
        stored.set(sequence, new TextDecoder().decode(data));
        last = sequence;
      }
    }
    return stored;
  }

  test("fenced appends of several processes, many at a time, are stored in a cluster", {
    timeout: 60 * SECOND_MS,
  }, async () => {
    const [one, other] = [await openAt(0), await openAt(1)];
    const { epoch } = (await one.beginEpoch(0))!;
    const appends = [one, other].flatMap((queue) =>
      Array.from({ length: 100 }, (_, index) => queue.append(new Uint8Array(index + 1), { epoch })),
    );
    const sequences = await Promise.all(appends);
    expect(new Set(sequences).size).toBe(200);
    expect(await one.end()).toBe(201);
  });

  test("no answered record is lost, and none is stored twice, where the leader is killed under load and epochs change", {
    timeout: 300 * SECOND_MS,
  }, async () => {
    const queues = await Promise.all(PROCESSES.map((_, index) => openAt(index)));
    await queues[0]!.beginEpoch(0);
    const answered: [sequence: number, text: string][] = [];
    let goesOn = true;
    const loads = queues.map((queue, index) =>
      appendWhile(queue, PROCESSES[index]!, { answered, goesOn: () => goesOn }),
    );
    const untilMore = (count: number) => {
      const goal = answered.length + count;
      return expect.poll(() => answered.length, { timeout: 60 * SECOND_MS }).toBeGreaterThanOrEqual(goal);
    };
    await untilMore(50);
    const leader = await cluster.leaderOf(`${installation}-writes`);
    await leader.kill();
    const nextEpoch = async () => queues[0]!.beginEpoch((await queues[0]!.currentEpoch())!.epoch);
    await expect.poll(() => nextEpoch().catch(() => undefined), { timeout: 60 * SECOND_MS }).toBeDefined();
    await untilMore(50);
    await leader.start();
    await untilMore(50);
    goesOn = false;
    await Promise.all(loads);
    const stored = await readAll(queues[1]!);
    for (const [sequence, text] of answered) expect(stored.get(sequence)).toBe(text);
    const texts = [...stored.values()].filter((text) => PROCESSES.some((process) => text.startsWith(`${process} `)));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
