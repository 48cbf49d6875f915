import { afterAll, beforeAll } from "vitest";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { newInstallation, openQueueAt } from "./nats-scene.ts";
import { describeWriteQueue, type QueuePlace } from "./write-queue-contract.ts";

let server: RealServerOf<"nats">;

beforeAll(async () => {
  server = await startServer("nats", { maxFileStore: 2 ** 40 });
});

afterAll(() => server.stop());

async function createPlace(): Promise<QueuePlace> {
  const installation = newInstallation();
  return {
    open: ({ persisted = 0, maxBytes = 64 * 1_048_576 } = {}) =>
      openQueueAt(server.url, { installation, maxBytes, persisted: async () => persisted }),
  };
}

describeWriteQueue("NATS", createPlace);
