import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, createConnectRouter, createContextValues } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { isConnectionError } from "../transcode/index.ts";
import { internalError } from "./edge-error.ts";
import { errorAnswer } from "./error-encoding.ts";
import { type ForwardOptions, forwardServices } from "./forwarder.ts";
import { jsonOptions } from "./json-options.ts";
import { openCallKey } from "./open-call.ts";
import { keepStream } from "./unread-body.ts";
import { answerUnrouted, type UnroutedOptions } from "./unrouted-request.ts";

export type ConnectOptions = ForwardOptions & UnroutedOptions;

/**
 * Serves methods over Connect and gRPC-Web, as a Fastify plugin, and hands every call on to the transport. In place of
 * connect-fastify, which writes to the console when a caller goes.
 */
export function forwardConnect(options: ConnectOptions): FastifyPluginAsync {
  return async (app) => {
    answerUnrouted(app, options);
    const router = createConnectRouter({
      grpc: false,
      acceptCompression: [compressionGzip, compressionBrotli],
      jsonOptions,
      readMaxBytes: options.maxRequestBytes,
    });
    for (const handler of forwardServices(router, options)) {
      app.all(handler.requestPath, (request, reply) => serve(handler, request, reply, options));
    }
  };
}

/** Connect writes the answer, without Fastify, but for the headers that its hooks have set. */
async function serve(
  handler: UniversalHandler,
  { raw: request }: FastifyRequest,
  reply: FastifyReply,
  options: ConnectOptions,
): Promise<void> {
  const { raw: response } = reply.hijack();
  const call = options.callOf(reply.request);
  const values = createContextValues().set(openCallKey, call);
  keepStream(request);
  try {
    const answer = await handler(universalRequestFromNodeRequest(request, response, undefined, values));
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) response.setHeader(name, value);
    }
    await universalResponseToNodeResponse(answer, response);
  } catch (error) {
    if (isConnectionError(error)) response.destroy();
    else {
      options.onError(error);
      if (call !== undefined) call.code = Code.Internal;
      answerFault(request, response, options);
    }
  }
}

/** An answer that has begun can only be broken off. */
function answerFault({ headers }: IncomingMessage, response: ServerResponse, { errorInfo }: ConnectOptions): void {
  if (response.headersSent) response.destroy();
  else {
    const { status, header, body } = errorAnswer(internalError(errorInfo), headers["content-type"] ?? "");
    response.writeHead(status, Object.fromEntries(header)).end(body);
  }
}
