import { onTestFinished, vi } from "vitest";
import { openUpstream, type Upstream, type UpstreamOptions } from "../../../edge/upstream/upstream.ts";

/** Connections to servers, closed after the test. Health is asked for often, so that tests need not wait for it. */
export function openTestUpstream(addresses: readonly string[], options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = openUpstream({ addresses, maxAnswerBytes: 4_194_304, checkIntervalMs: 20, ...options });
  onTestFinished(() => upstream.close());
  return upstream;
}

/** Waits until the servers are in these states, in their order. */
export async function awaitStates(upstream: Upstream, ...states: string[]): Promise<void> {
  const now = () => Object.values(upstream.states()).sort();
  await vi.waitUntil(() => JSON.stringify(now()) === JSON.stringify([...states].sort()), { timeout: 10_000 });
}
