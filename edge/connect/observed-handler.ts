import { type Code, createContextValues } from "@connectrpc/connect";
import {
  createAsyncIterable,
  readAllBytes,
  type UniversalHandler,
  type UniversalServerRequest,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import type { OpenCall } from "../call-observer.ts";
import { isEnd, readEndError, readUnaryError } from "./answered-error.ts";
import { describeBare } from "./bare-refusal.ts";
import { errorAnswer, toUniversal } from "./error-answer.ts";
import { Exchange, exchangeKey, openCall } from "./exchange.ts";
import { createRefuse, type RefusalOptions } from "./refusal.ts";
import { capTimeout } from "./timeout-header.ts";

/**
 * Tells the open call of the error that an answer carries, in mid-stream too, and answers in connect's place where
 * connect refuses a request: its own answer may say INTERNAL, and has no ErrorInfo.
 */
export function observeHandler(handler: UniversalHandler, options: RefusalOptions): UniversalHandler {
  const observed = async (request: UniversalServerRequest): Promise<UniversalServerResponse> => {
    capTimeout(request.header);
    const contextValues = request.contextValues ?? createContextValues();
    const exchange = new Exchange(request.signal, createRefuse(request, handler.method, options));
    contextValues.set(exchangeKey, exchange);
    const response = await handler({ ...request, contextValues });
    const call = contextValues.get(openCall) ?? { method: "", code: undefined };
    if (response.body === undefined) {
      const { answer, code } = describeBare(response, request, handler, options.errorInfo);
      call.code = code;
      return toUniversal(answer);
    }
    if (exchange.isForwarded) return watchAnswer({ ...response, body: response.body }, call);
    const error = exchange.refuse(await readRefusal(response, response.body));
    call.code = error.code;
    return toUniversal(errorAnswer(error, request.header.get("content-type") ?? ""));
  };
  return Object.assign(observed, handler);
}

type Body = AsyncIterable<Uint8Array>;

/** A refusal is all of its answer: one chunk of JSON, or one envelope. */
async function readRefusal({ status, header = new Headers() }: UniversalServerResponse, body: Body): Promise<unknown> {
  const bytes = await readAll(body);
  return status === 200 ? readEndError(bytes, header) : readUnaryError(bytes, header);
}

async function watchAnswer(
  response: UniversalServerResponse & { body: Body },
  call: OpenCall,
): Promise<UniversalServerResponse> {
  const { status, header = new Headers(), body } = response;
  const type = header.get("content-type") ?? "";
  if (type.startsWith("application/grpc-web") || type.startsWith("application/connect")) {
    const onError = (code: Code) => {
      call.code = code;
    };
    return { ...response, body: watchStream(body, header, onError) };
  }
  if (status === 200) return response;
  const bytes = await readAll(body);
  call.code = (await readUnaryError(bytes, header)).code;
  return { ...response, body: createAsyncIterable([bytes]) };
}

/** Passes envelopes on, each of them a chunk. The HTTP status is 200, whatever the last one says. */
async function* watchStream(body: Body, header: Headers, onError: (code: Code) => void): Body {
  for await (const envelope of body) {
    if (isEnd(envelope)) {
      const error = await readEndError(envelope, header);
      if (error !== undefined) onError(error.code);
    }
    yield envelope;
  }
}

function readAll(body: Body): Promise<Uint8Array> {
  return readAllBytes(body, 2 ** 31 - 1);
}
