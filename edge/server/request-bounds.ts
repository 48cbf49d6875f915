import type { FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import type { ServerLimits } from "../../services/http/server-limits.ts";
import { Refusal } from "../transcode/index.ts";
import type { WaitingAnswers } from "./waiting-answers.ts";

type Refuse = NonNullable<FastifyServerOptions["frameworkErrors"]>;

/** What a field of a header costs beside its name and value (RFC 9113, 6.5.2). */
const FIELD_BYTES = 32;

/**
 * A hook that refuses, before anything else, what no caller who means well sends: a row of requests without waiting for
 * answers, headers above the limit, which HTTP/2 only asks clients to heed, and HTTP/1.1 without a host.
 */
export function boundRequests(waiting: WaitingAnswers, limits: ServerLimits, refuse: Refuse) {
  return (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
    const refusal = findRefusal(request, waiting.countFor(request.raw), limits);
    if (refusal === undefined) {
      next();
      return;
    }
    if (request.raw.httpVersionMajor < 2) reply.header("connection", "close");
    refuse(refusal as never, request, reply as never);
  };
}

function findRefusal({ raw, headers }: FastifyRequest, waiting: number, limits: ServerLimits): Refusal | undefined {
  if (waiting > limits.maxWaitingAnswers) {
    const message = `${limits.maxWaitingAnswers} requests of this connection wait already; read their answers first`;
    return new Refusal("tooManyRequests", message);
  }
  if (raw.httpVersion === "1.1" && headers.host === undefined) {
    return new Refusal("malformedRequest", 'header "host" is missing; send the host and port of the URL');
  }
  const isTooLarge = raw.httpVersionMajor > 1 && sizeOf(raw.rawHeaders) > limits.headersMaxBytes;
  return isTooLarge ? headersTooLarge(limits.headersMaxBytes) : undefined;
}

function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, (rawHeaders.length / 2) * FIELD_BYTES);
}

function headersTooLarge(limit: number): Refusal {
  return new Refusal("headersTooLarge", `the headers are larger than ${limit} bytes; send fewer or shorter ones`);
}
