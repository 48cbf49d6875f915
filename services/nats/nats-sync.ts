const TIMEOUT_MS = 5_000;
const LOSS =
  "unless `sync_interval: always` is in the `jetstream` block of every server, a power cut, or in a cluster the crash of " +
  "several servers, loses writes that were answered";

/** The answer of `/jsz?config=1`, as far as it is used. `sync_always` is there, and true, only where it is set. */
type JetStreamReport = { config?: { sync_always?: boolean } };

/**
 * What can be lost because JetStream does not sync every write; undefined where its monitoring address says that it does.
 * A server of a cluster speaks for itself alone.
 */
export async function findSyncFault(monitorUrl: string | undefined): Promise<string | undefined> {
  if (monitorUrl === undefined) {
    return `NATS_MONITOR_URL is not set, so it is not known whether NATS syncs every write: ${LOSS}`;
  }
  try {
    const response = await fetch(new URL("/jsz?config=1", monitorUrl), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const { config } = (await response.json()) as JetStreamReport;
    return config?.sync_always === true ? undefined : `NATS does not sync every write: ${LOSS}`;
  } catch (error) {
    const reason = (error as Error).message;
    return `NATS_MONITOR_URL ${monitorUrl} cannot be read (${reason}), so it is not known whether NATS syncs every write: ${LOSS}`;
  }
}
