import type { DescService } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { OpenCall } from "../call-observer.ts";
import type { ErrorInfoSource } from "../transcode/index.ts";
import { mediaTypeError } from "./bare-refusal.ts";
import { errorAnswer, jsonAnswer, type WholeAnswer } from "./error-answer.ts";
import { edgeError } from "./refusal.ts";

export type EarlyRefusalOptions = {
  readonly services: readonly DescService[];
  readonly errorInfo: ErrorInfoSource;
  /** The call that a request began, to be told of its method, which there is none, and code. */
  readonly callOf: (request: FastifyRequest) => OpenCall | undefined;
};

/**
 * Answers in Connect's forms what never comes to one of its handlers: a method that a service does not have, a content
 * type that Fastify cannot parse, and a Host header of which connect can make no URL, and would answer nothing at all.
 * All other bodies are left to connect, unread. To be called on the scope of Connect's routes, before they are added.
 */
export function refuseEarly(app: FastifyInstance, { services, errorInfo, callOf }: EarlyRefusalOptions): void {
  const refuse = (request: FastifyRequest, reply: FastifyReply, error: ConnectError, answer: WholeAnswer) => {
    const call = callOf(request);
    if (call !== undefined) call.code = error.code;
    return reply.code(answer.status).headers(Object.fromEntries(answer.header)).send(answer.body);
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
  app.addHook("onRequest", async (request, reply) => {
    if (namesHost(request)) return;
    const error = edgeError(errorInfo, "malformedRequest", Code.InvalidArgument, 'header "host" names no host');
    return refuse(request, reply, error, jsonAnswer(error, 400));
  });
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = toEdgeError(thrown, request, errorInfo);
    return refuse(request, reply, error, jsonAnswer(error, thrown.statusCode ?? 500));
  });
  for (const { typeName } of services) {
    app.all(`/${typeName}/*`, (request, reply) => {
      const call = callOf(request);
      if (call !== undefined) call.method = "";
      const error = methodNotFound(request, errorInfo);
      return refuse(request, reply, error, notFoundAnswer(error, request));
    });
  }
}

function namesHost({ headers }: FastifyRequest): boolean {
  const host = headers[":authority"] ?? headers.host;
  return host !== undefined && URL.canParse(`http://${host}`);
}

function toEdgeError({ statusCode = 500, message }: FastifyError, request: FastifyRequest, errorInfo: ErrorInfoSource) {
  if (statusCode === 415) return mediaTypeError(errorInfo, request.headers["content-type"]);
  if (statusCode < 500) return edgeError(errorInfo, "malformedRequest", Code.InvalidArgument, message);
  return edgeError(errorInfo, "internal", Code.Internal, "internal error");
}

/** UTF-16 units of a path that a message quotes. */
const MAX_QUOTE = 200;

function methodNotFound({ raw }: FastifyRequest, errorInfo: ErrorInfoSource): ConnectError {
  const path = (raw.url ?? "").split("?", 1)[0]!.slice(0, MAX_QUOTE);
  return edgeError(errorInfo, "noSuchPath", Code.Unimplemented, `${path} is not served here`);
}

/** A stream is answered by 200 and an end that says it, all else by 404. */
function notFoundAnswer(error: ConnectError, { headers }: FastifyRequest): WholeAnswer {
  const answer = errorAnswer(error, headers["content-type"] ?? "");
  return answer.status === 200 ? answer : jsonAnswer(error, 404);
}
