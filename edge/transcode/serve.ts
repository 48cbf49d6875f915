import { Readable } from "node:stream";
import type { Registry } from "@bufbuild/protobuf";
import type { FastifyReply, FastifyRequest } from "fastify";
import { chooseFormat } from "./answer/answer-format.ts";
import { judgeRead } from "./answer/conditions.ts";
import { toErrorReply } from "./answer/http-answer.ts";
import { type Reply, render } from "./answer/render.ts";
import { renderRawStream, renderStream } from "./answer/render-stream.ts";
import { callForMessage, callForStream } from "./call.ts";
import { abortOnDisconnect, callerGone } from "./caller-gone.ts";
import type { JsonWriters } from "./json/json-writer.ts";
import { isRead } from "./request/if-match.ts";
import { type ParseOptions, parse, type RpcCall } from "./request/parse.ts";
import { splitTarget } from "./request/request-target.ts";
import { answersWithStream } from "./routing/method-kind.ts";
import type { Route } from "./routing/route.ts";
import { lookup, type Match, type RouteTrie } from "./routing/route-trie.ts";
import type { TranscodeOptions } from "./transcode-options.ts";

/** What requests are served with. `prefix` is that of the Fastify plugin. */
export type Transcoder = {
  readonly trie: RouteTrie<Route>;
  readonly registry: Registry;
  readonly writers: JsonWriters;
  readonly options: TranscodeOptions;
  readonly parseOptions: ParseOptions;
  readonly prefix: string;
};

/** A request for a route, under way. The controller is aborted when the caller goes. */
type Exchange = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly route: Route;
  readonly controller: AbortController;
};

/**
 * Serves a request: finds its route, parses it, makes the call and renders the answer.
 *
 * @throws Refusal, or what the call throws
 */
export async function serve(transcoder: Transcoder, request: FastifyRequest, reply: FastifyReply): Promise<Reply> {
  const { headers } = request;
  const { path, query } = splitTarget(request.raw.url ?? "/");
  const match = findRoute(transcoder, request, path);
  if (match.kind === "options") return { status: 204, code: undefined, headers: [["allow", match.allow]], body: "" };
  const { route, segments } = match;
  const format = chooseFormat(route, headers.accept);
  const exchange = { request, reply, route, controller: abortOnDisconnect(reply) };
  const rpc = await parse({ route, segments, query, headers, request }, transcoder.parseOptions);
  if (!answersWithStream(route.method)) return serveOne(transcoder, exchange, rpc);
  return withoutBodyOfHead(exchange, await serveMany(transcoder, exchange, rpc, format));
}

/** The route for a path, or the methods that it has. @throws Refusal noSuchPath, methodNotAllowed */
function findRoute({ trie, options, prefix }: Transcoder, request: FastifyRequest, path: string): Match<Route> {
  const match = lookup(trie, request.method, path.slice(prefix.length), options.unknownPathHint);
  if (match.kind === "route") options.onRoute?.(request, match.route.method);
  return match;
}

async function serveOne(
  { options, writers }: Transcoder,
  { request, route, controller }: Exchange,
  rpc: RpcCall,
): Promise<Reply> {
  const answer = await callForMessage(options.transport, rpc, controller, options.contextValues?.(request));
  const reply = render(route, answer, writers, options);
  return isRead(request.method) ? judgeRead(reply, request.headers) : reply;
}

async function serveMany(
  { options, writers, registry }: Transcoder,
  { request, reply, route, controller }: Exchange,
  rpc: RpcCall,
  format: ReturnType<typeof chooseFormat>,
): Promise<Reply> {
  const answer = callForStream(options.transport, rpc, controller, options.contextValues?.(request));
  const writeError = (error: unknown) => {
    const answered = toErrorReply(error, request, options, registry);
    options.onAnswer?.(reply, answered.code, answered.reason, answered.error);
    return answered.body;
  };
  if (typeof format === "string") return renderRawStream(route, answer, options, writeError);
  return renderStream(route, format, answer, writers, options, writeError);
}

/** Nobody reads the messages, so that they would wait for ever. */
function withoutBodyOfHead({ request, controller }: Exchange, reply: Reply): Reply {
  if (request.method !== "HEAD" || !(reply.body instanceof Readable)) return reply;
  reply.body.destroy();
  controller.abort(callerGone());
  return { ...reply, body: "" };
}
