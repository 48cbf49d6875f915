import { createConnectRouter, createContextValues } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { type EarlyRefusalOptions, refuseEarly } from "./early-refusals.ts";
import { openCall } from "./exchange.ts";
import { type ForwardOptions, forwardServices } from "./forwarder.ts";
import { jsonOptions } from "./json-options.ts";

export type ConnectOptions = ForwardOptions & EarlyRefusalOptions;

/**
 * Serves methods over Connect and gRPC-Web, as a Fastify plugin, and hands every call on to the transport. In place of
 * connect-fastify, which writes to the console when a caller goes.
 */
export function forwardConnect(options: ConnectOptions): FastifyPluginAsync {
  return async (app) => {
    refuseEarly(app, options);
    const router = createConnectRouter({
      grpc: false,
      acceptCompression: [compressionGzip, compressionBrotli],
      jsonOptions,
      readMaxBytes: options.maxRequestBytes,
    });
    forwardServices(router, options);
    for (const handler of router.handlers) {
      app.all(handler.requestPath, (request, reply) => serve(handler, request, reply, options));
    }
  };
}

/** Connect writes the answer, without Fastify, but for the headers that its hooks have set. */
async function serve(
  handler: UniversalHandler,
  { raw: request }: FastifyRequest,
  reply: FastifyReply,
  { callOf, onError }: ConnectOptions,
): Promise<void> {
  const { raw: response } = reply.hijack();
  const values = createContextValues().set(openCall, callOf(reply.request));
  try {
    const answer = await handler(universalRequestFromNodeRequest(request, response, undefined, values));
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) response.setHeader(name, value);
    }
    await universalResponseToNodeResponse(answer, response);
  } catch (error) {
    response.destroy();
    if (!isOfConnection(error)) onError(error);
  }
}

/** Node's errors have a code in words, as ECONNRESET. */
function isOfConnection(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return typeof (cause?.code ?? code) === "string";
}
