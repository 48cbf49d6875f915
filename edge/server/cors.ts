import { cors as connectHeaders } from "@connectrpc/connect";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AnswerOptions } from "../transcode/index.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

/** What REST takes, beside what Connect and gRPC-Web do. */
const REQUEST_HEADERS = [
  ...["Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Request-Timeout"],
  ...["X-Request-Id", "Traceparent", "Tracestate"],
  ...connectHeaders.allowedHeaders,
];

/** Metadata of any name: a page may send all that it asks for. */
const METADATA_PREFIX = "grpc-metadata-";

/** `*` stands for metadata, whose names nobody knows in advance; browsers heed it for requests without cookies. */
const ANSWER_HEADERS = [
  ...[
    "Allow",
    "ETag",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Traceparent",
    "Tracestate",
    "WWW-Authenticate",
    "X-Request-Id",
  ],
  ...connectHeaders.exposedHeaders,
  "*",
].join(", ");

/** How long browsers may keep the answer to a preflight, in seconds; the most that Chromium does. */
const MAX_AGE_S = "7200";

/**
 * CORS for a list of origins; `*` is all of them. An origin that is not listed gets no header of it. Cookies are never
 * allowed, as keys go into a header. Reference: https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export class CrossOrigin {
  readonly #origins: readonly string[];
  readonly #any: boolean;

  constructor(origins: readonly string[]) {
    this.#origins = origins;
    this.#any = origins.includes("*");
  }

  /** A hook for the routes that pages may call: it answers what browsers ask in advance. */
  readonly onRequest = (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
    this.#allow(request, reply);
    if (this.#isPreflight(request)) this.#answerPreflight(request, reply);
    else next();
  };

  /** The same for answers to what Fastify refuses before any hook. */
  allowOn(answers: AnswerOptions): AnswerOptions {
    return {
      ...answers,
      onAnswer: (reply, ...answer) => {
        this.#allow(reply.request, reply);
        answers.onAnswer?.(reply, ...answer);
      },
    };
  }

  #isAllowed(origin: string | undefined): origin is string {
    return origin !== undefined && (this.#any || this.#origins.includes(origin));
  }

  #allow({ headers: { origin } }: FastifyRequest, reply: FastifyReply): void {
    // Else a cache would give one origin's answer to another.
    if (this.#origins.length > 0 && !this.#any) addVary(reply, "Origin");
    if (!this.#isAllowed(origin)) return;
    reply.header("access-control-allow-origin", this.#any ? "*" : origin);
    reply.header("access-control-expose-headers", ANSWER_HEADERS);
  }

  #isPreflight({ method, headers }: FastifyRequest): boolean {
    const isAsked = headers["access-control-request-method"] !== undefined;
    return method === "OPTIONS" && isAsked && this.#isAllowed(headers.origin);
  }

  #answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): void {
    addVary(reply, "Access-Control-Request-Headers");
    reply
      .header("access-control-allow-methods", METHODS)
      .header("access-control-allow-headers", toAllowedHeaders(headers["access-control-request-headers"]))
      .header("access-control-max-age", MAX_AGE_S)
      .code(204)
      .send();
  }
}

function toAllowedHeaders(asked = ""): string {
  const metadata = asked.split(",").map((name) => name.trim().toLowerCase());
  return [...REQUEST_HEADERS, ...metadata.filter((name) => name.startsWith(METADATA_PREFIX))].join(", ");
}

function addVary(reply: FastifyReply, name: string): void {
  const given = reply.getHeader("vary");
  reply.header("vary", given === undefined ? name : `${String(given)}, ${name}`);
}
