import type { Logger } from "pino";
import { createCallLog } from "../services/observability/call-log.ts";
import { Metrics } from "../services/observability/metrics.ts";
import { readAuthority } from "../services/settings/authority.ts";
import { loadKeyPair } from "../services/settings/key-pair.ts";
import { requireSettings, type Settings } from "../services/settings/settings.ts";
import { createConfiguredEdge, type EdgeAddresses } from "./server/configured-edge.ts";
import { createServerLog } from "./upstream/server-log.ts";
import { openUpstream, type Upstream } from "./upstream/upstream.ts";

/** A running edge. */
export type Edge = EdgeAddresses & {
  /** Whether a server takes calls. */
  ready(): boolean;
  /** Resolves when the first server takes calls. */
  becameReady: Promise<void>;
  /** Finishes the requests under way, within SHUTDOWN_TIMEOUT. */
  stop(): Promise<void>;
};

/** The pages of an answer are below 4 MiB, and what a create answers is little more than its request. */
const PAGE_BYTES = 4 * 1_048_576;
const ANSWER_PER_REQUEST = 4;

/** Starts the edge as a process of its own, in front of the servers at API_ADDRESSES. Rejects with nothing open. */
export async function startEdge(settings: Settings, log: Logger): Promise<Edge> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(settings, log, opened);
  } catch (error) {
    await opened.disposeAsync().catch((err) => log.error({ err }, "what was open cannot be closed"));
    throw error;
  }
}

async function open(settings: Settings, log: Logger, opened: AsyncDisposableStack): Promise<Edge> {
  const keyPair = await loadKeyPair(settings);
  const metrics = new Metrics();
  const becameReady = Promise.withResolvers<void>();
  const upstream = await openServers(settings, metrics, log, becameReady.resolve);
  opened.defer(() => upstream.close());
  let isStopping = false;
  const ready = () => !isStopping && upstream.isServing();
  const dependencies = () => ({ states: upstream.states(), suffices: upstream.isServing() });
  const { transport } = upstream;
  const onCall = createCallLog(metrics, log);
  const edge = await createConfiguredEdge({ settings, keyPair, transport, metrics, log, ready, dependencies, onCall });
  opened.defer(() => edge.close());
  const stop = () => {
    isStopping = true;
    return opened.disposeAsync();
  };
  return { ...(await edge.listen()), ready, becameReady: becameReady.promise, stop };
}

/** The servers at API_ADDRESSES; `onServing` is told each time that one takes calls. */
async function openServers(
  settings: Settings,
  metrics: Metrics,
  log: Logger,
  onServing: () => void,
): Promise<Upstream> {
  const { API_ADDRESSES: addresses } = requireSettings(settings, "the edge", ["API_ADDRESSES"]);
  const ca = await readAuthority(settings, "API_TLS_CA_FILE");
  const logNews = createServerLog(log);
  return openUpstream({
    ...{ addresses, ca },
    maxAnswerBytes: PAGE_BYTES + ANSWER_PER_REQUEST * settings.REQUEST_MAX_BYTES,
    maxCalls: settings.CALLS_MAX,
    defaultTimeoutMs: settings.REQUEST_TIMEOUT,
    onNews(server, news, error) {
      if (news === "serving") onServing();
      logNews(server, news, error);
    },
    onRetry: () => metrics.countRetry(),
  });
}
