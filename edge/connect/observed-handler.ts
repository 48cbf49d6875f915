import { type ConnectError, createContextValues } from "@connectrpc/connect";
import {
  createAsyncIterable,
  readAllBytes,
  type UniversalHandler,
  type UniversalServerRequest,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { isEnd, readEndError, readUnaryError } from "./error-decoding.ts";
import { errorAnswer, toUniversal } from "./error-encoding.ts";
import { Exchange, exchangeKey } from "./exchange.ts";
import { failCall, type OpenCall, openCallKey } from "./open-call.ts";
import { isEnveloped } from "./protocol.ts";
import { createRequestErrors, type RequestErrorOptions } from "./request-error.ts";
import { capTimeout } from "./timeout-header.ts";
import { describeUnsupported } from "./unsupported-request.ts";

/**
 * Tells the open call of the error that an answer carries, in mid-stream too. Where connect itself cannot read a
 * request, its answer is replaced: it may say INTERNAL, and has no ErrorInfo.
 */
export function observeHandler(handler: UniversalHandler, options: RequestErrorOptions): UniversalHandler {
  const observed = async (request: UniversalServerRequest): Promise<UniversalServerResponse> => {
    capTimeout(request.header);
    const contextValues = request.contextValues ?? createContextValues();
    const exchange = new Exchange(request.signal, createRequestErrors(request, handler.method, options));
    contextValues.set(exchangeKey, exchange);
    const response = await handler({ ...request, contextValues });
    const call = contextValues.get(openCallKey);
    if (response.body === undefined) {
      const { answer, error } = describeUnsupported(response, request, handler, options.errorInfo);
      failCall(call, error);
      return toUniversal(answer);
    }
    if (exchange.isForwarded) return watchAnswer({ ...response, body: response.body }, call);
    const error = exchange.toRequestError(await readOwnError(response, response.body));
    failCall(call, error);
    return toUniversal(errorAnswer(error, request.header.get("content-type") ?? ""));
  };
  return Object.assign(observed, handler);
}

type Body = AsyncIterable<Uint8Array>;

/** The error of an answer that connect makes itself, which has nothing else: one chunk of JSON, or one envelope. */
async function readOwnError({ status, header = new Headers() }: UniversalServerResponse, body: Body): Promise<unknown> {
  const bytes = await readAll(body);
  return status === 200 ? readEndError(bytes, header) : readUnaryError(bytes, header);
}

async function watchAnswer(
  response: UniversalServerResponse & { body: Body },
  call: OpenCall | undefined,
): Promise<UniversalServerResponse> {
  const { status, header = new Headers(), body } = response;
  const type = header.get("content-type") ?? "";
  if (isEnveloped(type)) {
    return { ...response, body: watchStream(body, header, (error) => failCall(call, error)) };
  }
  if (status === 200) return response;
  const bytes = await readAll(body);
  failCall(call, await readUnaryError(bytes, header));
  return { ...response, body: createAsyncIterable([bytes]) };
}

/** Passes envelopes on, each of them a chunk. The HTTP status is 200, whatever the last one says. */
async function* watchStream(body: Body, header: Headers, onError: (error: ConnectError) => void): Body {
  for await (const envelope of body) {
    if (isEnd(envelope)) {
      const error = await readEndError(envelope, header);
      if (error !== undefined) onError(error);
    }
    yield envelope;
  }
}

function readAll(body: Body): Promise<Uint8Array> {
  return readAllBytes(body, 2 ** 31 - 1);
}
