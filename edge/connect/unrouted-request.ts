import type { DescService } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type ErrorInfoSource, quote, Refusal } from "../transcode/index.ts";
import { edgeError } from "./edge-error.ts";
import { errorAnswer, jsonAnswer, type WholeAnswer } from "./error-encoding.ts";
import { failCall, type OpenCall } from "./open-call.ts";
import { mediaTypeRefusal } from "./unsupported-request.ts";

export type UnroutedOptions = {
  readonly services: readonly DescService[];
  readonly errorInfo: ErrorInfoSource;
  /** The call that a request began, to be told of its code, and of its method, which there may be none of. */
  readonly callOf: (request: FastifyRequest) => OpenCall | undefined;
  /** Told of errors that no caller caused. */
  readonly onError: (error: unknown) => void;
};

/**
 * Answers in Connect's forms what never comes to one of its handlers:
 * - a method that a service does not have,
 * - a content type that Fastify cannot parse,
 * - a host of which connect can make no URL, and would answer nothing at all.
 *
 * All other bodies are left to connect, unread. To be called on the scope of Connect's routes, before they are added.
 */
export function answerUnrouted(app: FastifyInstance, { services, errorInfo, callOf, onError }: UnroutedOptions): void {
  const send = (request: FastifyRequest, reply: FastifyReply, error: ConnectError, answer: WholeAnswer) => {
    failCall(callOf(request), error);
    return reply.code(answer.status).headers(Object.fromEntries(answer.header)).send(answer.body);
  };
  const refuse = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => {
    const error = edgeError(errorInfo, refusal);
    return send(request, reply, error, jsonAnswer(error, refusal.status));
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
  app.addHook("onRequest", (request, reply, next) => {
    const refusal = judgeHost(request);
    if (refusal === undefined) next();
    else refuse(request, reply, refusal);
  });
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const refusal = toRefusal(thrown, request);
    if (refusal.kind === "internal") onError(thrown);
    return refuse(request, reply, refusal);
  });
  for (const service of services) {
    app.all(`/${service.typeName}/*`, (request, reply) => {
      const call = callOf(request);
      if (call !== undefined) call.method = "";
      const refusal = methodNotFound(request, service);
      const error = edgeError(errorInfo, refusal, Code.Unimplemented);
      return send(request, reply, error, notFoundAnswer(error, refusal, request));
    });
  }
}

function judgeHost({ headers }: FastifyRequest): Refusal | undefined {
  const host = headers[":authority"] ?? headers.host;
  if (host === undefined) {
    return new Refusal("malformedRequest", 'header "host" is missing; send the server\'s name and port');
  }
  if (URL.canParse(`http://${host}`)) return undefined;
  const message = `header "host": ${quote(String(host))} names no host; send the server's name and port`;
  return new Refusal("malformedRequest", message);
}

function toRefusal({ statusCode = 500, message }: FastifyError, { headers }: FastifyRequest): Refusal {
  if (statusCode === 415) return mediaTypeRefusal(headers["content-type"]);
  return statusCode < 500 ? new Refusal("malformedRequest", message) : new Refusal("internal", "internal error");
}

/** UTF-16 units of a path that a message quotes. */
const MAX_PATH = 200;

function methodNotFound({ raw }: FastifyRequest, { typeName, methods }: DescService): Refusal {
  const path = (raw.url ?? "").split("?", 1)[0]!.slice(0, MAX_PATH);
  const names = methods.map(({ name }) => name).join(", ");
  return new Refusal("noSuchPath", `${path} is not served here; ${typeName} has ${names}`);
}

/** A stream is answered by 200 and an end that says it, all else by 404. */
function notFoundAnswer(error: ConnectError, { status }: Refusal, { headers }: FastifyRequest): WholeAnswer {
  const answer = errorAnswer(error, headers["content-type"] ?? "");
  return answer.status === 200 ? answer : jsonAnswer(error, status);
}
