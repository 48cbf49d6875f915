import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextValues, type Transport } from "@connectrpc/connect";
import { expect, onTestFinished } from "vitest";
import type { EdgeCall } from "../../../edge/server/call-observer.ts";
import { createEdgeServer, type EdgeOptions } from "../../../edge/server/edge-server.ts";
import { KitchenService, type SinkSchema } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";

/** The bytes that a request may have. */
export const LIMIT = 1_000;

/** What a call answers; Aborted where the sink says so. */
function answerCall(input: unknown): void {
  if ((input as { aString?: string }).aString === "refused") throw new ConnectError("no", Code.Aborted);
}

/** Answers each call with an empty message once `handle` is done, and fails where that does. */
function kitchenTransport(handle: Handle): Transport {
  return {
    async unary(method: { output: typeof SinkSchema }, ...[, , , input, values]: unknown[]) {
      await handle(input, values as ContextValues | undefined);
      return { stream: false, method, message: create(method.output), header: new Headers(), trailer: new Headers() };
    },
  } as unknown as Transport;
}

type Handle = (input: unknown, values: ContextValues | undefined) => void | Promise<void>;

export type KitchenEdgeOptions = Partial<EdgeOptions> & { handle?: Handle };

/** The options of an edge that serves the kitchen; `calls` gets each call that is over. A fault fails the test. */
export function kitchenOptions(
  { handle = answerCall, ...options }: KitchenEdgeOptions,
  calls: EdgeCall[],
): EdgeOptions {
  const faults: unknown[] = [];
  onTestFinished(() => expect(faults).toEqual([]));
  return {
    services: [KitchenService],
    transport: kitchenTransport(handle),
    docs: { document: {}, title: "Kitchen" },
    maxRequestBytes: LIMIT,
    closeTimeoutMs: 100,
    ready: () => true,
    metrics: { contentType: "text/plain", render: async () => "" },
    onCall: (call) => calls.push(call),
    onError: (error) => faults.push(error),
    ...options,
  };
}

/** A real edge that serves the kitchen, closed when the test is over. */
export async function openEdge(options: KitchenEdgeOptions = {}) {
  const calls: EdgeCall[] = [];
  const app = createEdgeServer(kitchenOptions(options, calls));
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return { app, calls, port, address: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}` };
}
