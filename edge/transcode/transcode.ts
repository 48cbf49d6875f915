import { METHODS } from "node:http";
import type { DescMethodUnary, DescService, Registry } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { type AnswerOptions, createDetailRegistry, send, sendError, toRefusal } from "./answer/http-answer.ts";
import { type Reply, render } from "./answer/render.ts";
import { call } from "./call.ts";
import { readBody } from "./request/body-bytes.ts";
import { requireJsonAccepted } from "./request/media-type.ts";
import { parse } from "./request/parse.ts";
import { splitTarget } from "./request/request-target.ts";
import { compile } from "./routing/compile.ts";
import type { Route } from "./routing/route.ts";
import { lookup, type Match, type RouteTrie } from "./routing/route-trie.ts";

export type TranscodeOptions = AnswerOptions & {
  /** Methods without a `google.api.http` option are skipped. */
  readonly services: readonly DescService[];
  readonly transport: Transport;
  /** Header → top-level request field, which the header fills where a method has it and it is unset otherwise. */
  readonly headerFields?: Readonly<Record<string, string>>;
  /** Deadline of a call whose caller names none. Default: none, or the maximum. */
  readonly defaultTimeoutMs?: number;
  /** No call gets a longer deadline. Default: none. */
  readonly maxTimeoutMs?: number;
  /** Told of the method that a request is for, where there is one. */
  readonly onRoute?: (request: FastifyRequest, method: DescMethodUnary) => void;
};

/**
 * Serves methods by their `google.api.http` options, as a Fastify plugin that takes every path that no other route of
 * the server has. See README.md for the rules.
 *
 * @throws Error at once, for an annotation that is wrong or ambiguous, naming the method
 */
export function transcode(options: TranscodeOptions): FastifyPluginAsync {
  const trie = compile(options.services, options.headerFields ?? {});
  const registry = createDetailRegistry(options, options.services);
  return async (app) => {
    acceptEverything(app);
    app.setErrorHandler((error, request, reply) => {
      const problem = pathRefusal(trie, options, app.prefix, request) ?? toRefusal(error);
      return sendError(problem, request, reply, options, registry);
    });
    app.all("/*", async (request, reply) => {
      try {
        return send(request, reply, options, await serve(trie, registry, options, app.prefix, request, reply));
      } catch (error) {
        return sendError(error, request, reply, options, registry);
      }
    });
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

async function serve(
  trie: RouteTrie<Route>,
  registry: Registry,
  options: TranscodeOptions,
  prefix: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Reply> {
  const { query } = splitTarget(request.raw.url ?? "/");
  const match = findRoute(trie, options, prefix, request);
  if (match.kind === "options") return { status: 204, code: undefined, headers: [["allow", match.allow]], body: "" };
  const { route, segments } = match;
  requireJsonAccepted(request.headers.accept);
  const signal = abortOnDisconnect(reply);
  const body = await readBody(request);
  const rpc = parse({ route, segments, query, headers: request.headers, body }, registry, options);
  return render(route, await call(options.transport, rpc, signal), registry);
}

function findRoute(
  trie: RouteTrie<Route>,
  { onRoute }: TranscodeOptions,
  prefix: string,
  request: FastifyRequest,
): Match<Route> {
  const { path } = splitTarget(request.raw.url ?? "/");
  const match = lookup(trie, request.method, path.slice(prefix.length));
  if (match.kind === "route") onRoute?.(request, match.route.method);
  return match;
}

/** Fastify refuses some content types before it calls a route; that a path or method is wrong still comes first. */
function pathRefusal(
  trie: RouteTrie<Route>,
  options: TranscodeOptions,
  prefix: string,
  request: FastifyRequest,
): unknown {
  try {
    findRoute(trie, options, prefix, request);
    return undefined;
  } catch (refusal) {
    return refusal;
  }
}

function abortOnDisconnect(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort(new ConnectError("the caller has gone", Code.Canceled));
  });
  return controller.signal;
}
