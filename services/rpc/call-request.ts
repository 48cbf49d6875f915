import type { DescMethod } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type StreamRequest, type UnaryRequest } from "@connectrpc/connect";
import type { CallInit } from "./call-init.ts";
import type { ServedMethod } from "./method-table.ts";

/** The request that enters a chain: unary or a stream, as the method is. */
export type CallRequest = UnaryRequest | StreamRequest;

/** An own, enumerable property, so that an interceptor's `{ ...request }` keeps it. */
const CALL = Symbol("call");

export function createRequest(
  { path }: ServedMethod,
  method: DescMethod,
  message: unknown,
  init: CallInit,
): CallRequest {
  return new ReceivedRequest(path, method, message, init) as unknown as CallRequest;
}

/** What a request came with, as does a copy that an interceptor made of it. */
export function callOf(request: CallRequest): CallInit {
  const call = (request as CallRequest & { [CALL]?: CallInit })[CALL];
  if (!call) throw new Error("an interceptor passed on a request that is not the one it was given, nor a copy of it");
  return call;
}

/**
 * What Connect's interceptors get. The signal is made for who asks: most calls do without. A copy by `{ ...request }` is
 * without it; the handler has it from the call.
 */
class ReceivedRequest {
  readonly requestMethod = "POST";
  readonly stream: boolean;
  readonly service: DescMethod["parent"];
  readonly method: DescMethod;
  readonly message: unknown;
  readonly url: string;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly [CALL]: CallInit;

  constructor(path: string, method: DescMethod, message: unknown, init: CallInit) {
    this.stream = method.methodKind !== "unary";
    this.service = method.parent;
    this.method = method;
    this.message = message;
    this.url = init.url ?? `http://localhost${path}`;
    this.header = init.requestHeader;
    this.contextValues = init.contextValues ?? createContextValues();
    this[CALL] = init;
  }

  get signal(): AbortSignal {
    return this[CALL].lifetime.signal;
  }
}
