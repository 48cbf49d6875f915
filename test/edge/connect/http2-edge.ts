import type { AddressInfo } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { expect, onTestFinished } from "vitest";
import { forwardConnect } from "../../../edge/connect/index.ts";
import { CallObserver, type EdgeCall } from "../../../edge/server/call-observer.ts";
import { type Behind, type Handlers, LIMIT, openBehind, type Protocol, SERVICES } from "./edge-to-handlers.ts";

const errorInfo = () => ({ reason: "REFUSED", domain: "kitchen" });

/** The routes of Connect over HTTP/2 without TLS, closed after the test. */
export async function openHttp2Edge(handlers: Handlers, behind: Behind) {
  const calls: EdgeCall[] = [];
  const transport = await openBehind(behind, handlers);
  const observer = new CallObserver((call) => calls.push(call));
  const app = fastify({ http2: true }) as unknown as FastifyInstance;
  app.addHook("onRequest", async (request, reply) => {
    observer.begin(reply, "connect", request.routeOptions.url);
  });
  const callOf = (request: FastifyRequest) => observer.of(request);
  const faults: unknown[] = [];
  onTestFinished(() => expect(faults).toEqual([]));
  const onError = (error: unknown) => faults.push(error);
  app.register(forwardConnect({ services: SERVICES, transport, errorInfo, maxRequestBytes: LIMIT, callOf, onError }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { calls, address: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

/** A client's side of a protocol over HTTP/2, closed after the test. */
export function openHttp2Transport(protocol: Protocol, baseUrl: string): Transport {
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(() => sessionManager.abort());
  const create = protocol.startsWith("Connect") ? createConnectTransport : createGrpcWebTransport;
  return create({ baseUrl, httpVersion: "2", useBinaryFormat: !protocol.endsWith("JSON"), sessionManager });
}
