import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "pino";
import { openStores } from "../embedded/stores.ts";
import { connectNats } from "../nats/nats-connection.ts";
import type { Settings } from "../settings/settings.ts";
import { openNatsDeadLetterBox } from "../write-queue/nats-dead-letter-box.ts";
import type { DeadLetterBox } from "../write-queue/write-queue.ts";

/**
 * Opens the dead letters: in NATS where NATS_URL is set, else those of the embedded server in DATA_DIR, which must be
 * stopped. What is open is in `opened`.
 */
export async function openDeadLetterBox(
  settings: Settings,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<DeadLetterBox> {
  return settings.NATS_URL
    ? openNats({ ...settings, NATS_URL: settings.NATS_URL }, log, opened)
    : openEmbedded(settings, log, opened);
}

async function openNats(
  settings: Settings & { NATS_URL: readonly string[] },
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<DeadLetterBox> {
  const { NATS_URL: servers, NATS_CREDENTIALS_FILE: credentialsFile, NATS_TLS_CA_FILE: caFile } = settings;
  const link = await connectNats({ servers, credentialsFile, caFile, name: "parley-dead-letters", log });
  opened.defer(() => link.close());
  return openNatsDeadLetterBox({
    link,
    installation: settings.INSTALLATION,
    replicas: settings.NATS_REPLICAS,
    maxBytes: settings.QUEUE_BYTES_MAX,
    publishTimeoutMs: settings.PUBLISH_TIMEOUT,
  });
}

/** No folder is made where there is none. */
async function openEmbedded(settings: Settings, log: Logger, opened: AsyncDisposableStack): Promise<DeadLetterBox> {
  const { DATA_DIR } = settings;
  await access(join(DATA_DIR, "queue.sqlite")).catch(() => {
    throw new Error(`DATA_DIR ${resolve(DATA_DIR)} holds no queue.sqlite; set DATA_DIR, or NATS_URL`);
  });
  return (await openStores(settings, log, opened)).queue;
}
