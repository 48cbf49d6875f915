import { METHODS } from "node:http";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { createDetailRegistry, send, sendError, toRefusal } from "./answer/http-answer.ts";
import { JsonReaders } from "./json/json-reader.ts";
import { JsonWriters } from "./json/json-writer.ts";
import { compileRoutes } from "./routing/compile.ts";
import { findRoute, serve, type Transcoder } from "./serve.ts";
import type { TranscodeOptions } from "./transcode-options.ts";

/**
 * Serves methods by their `google.api.http` options, as a Fastify plugin that takes every path that no other route of
 * the server has. See README.md for the rules.
 *
 * @throws Error at once, for annotations that are wrong or ambiguous, a line each, naming the method
 */
export function transcode(options: TranscodeOptions): FastifyPluginAsync {
  const { trie } = compileRoutes(options.services, options.headerFields ?? {});
  const registry = createDetailRegistry(options, options.services);
  const readers = new JsonReaders({ registry, ignoreUnknownFields: options.unknownFields === "ignore" });
  const writers = new JsonWriters({ ...options.json, registry });
  return async (app) => {
    const transcoder: Transcoder = { trie, registry, readers, writers, options, prefix: app.prefix };
    acceptEverything(app);
    app.setErrorHandler((error, request, reply) => {
      const problem = pathRefusal(transcoder, request) ?? toRefusal(error);
      return sendError(problem, request, reply, options, registry);
    });
    app.all("/*", (request, reply) => answer(transcoder, request, reply));
  };
}

/** All methods, so that each unknown one is a 405, and all bodies, unread, so that a path is judged first. */
function acceptEverything(app: FastifyInstance): void {
  for (const method of METHODS) {
    if (method !== "CONNECT" && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
  }
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
}

async function answer(transcoder: Transcoder, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  try {
    return await send(request, reply, transcoder.options, await serve(transcoder, request, reply));
  } catch (error) {
    return sendError(error, request, reply, transcoder.options, transcoder.registry);
  }
}

/** Fastify refuses some content types before it calls a route; that a path or method is wrong still comes first. */
function pathRefusal(transcoder: Transcoder, request: FastifyRequest): unknown {
  try {
    findRoute(transcoder, request);
    return undefined;
  } catch (refusal) {
    return refusal;
  }
}
