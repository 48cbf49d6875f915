import { describeOnNats, newInstallation, openQueueAt } from "./nats-scene.ts";
import { describeWriteQueue, type QueuePlace } from "./write-queue-contract.ts";

describeOnNats("NATS", (nats) => {
  async function createPlace(): Promise<QueuePlace> {
    const installation = newInstallation();
    return {
      open: ({ persisted = 0, maxBytes = 64 * 1_048_576 } = {}) =>
        openQueueAt(nats.server.url, { installation, maxBytes, persisted: async () => persisted }),
    };
  }

  describeWriteQueue("NATS", createPlace);
});
