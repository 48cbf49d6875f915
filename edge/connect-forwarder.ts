import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import {
  type Code,
  ConnectError,
  type ConnectRouter,
  createContextKey,
  type HandlerContext,
  type Transport,
} from "@connectrpc/connect";
import type { OpenCall } from "./call-observer.ts";
import { tellOutcome } from "./grpc-web-outcome.ts";
import { isUnary } from "./transcode/index.ts";

/** The context value that is told the code of a call that fails. */
export const openCall = createContextKey<OpenCall | undefined>(undefined);

function copyHeaders(from: Headers, to: Headers): void {
  for (const [name, value] of from) to.append(name, value);
}

/** An implementation of a method that hands the call on. */
function forwarder(method: DescMethod, transport: Transport) {
  if (!isUnary(method)) throw new Error(`${method}: only unary methods can be forwarded yet`);
  return async (request: Message, context: HandlerContext) => {
    const { signal, requestHeader, values } = context;
    try {
      const answer = await transport.unary(method, signal, context.timeoutMs(), requestHeader, request);
      copyHeaders(answer.header, context.responseHeader);
      copyHeaders(answer.trailer, context.responseTrailer);
      return answer.message;
    } catch (error) {
      const call = values.get(openCall);
      if (call !== undefined) call.code = ConnectError.from(error).code;
      throw error;
    }
  };
}

/**
 * Routes that hand every call of the services on. They decide nothing: who may call, and with what, is for the other
 * side of the transport.
 */
export function forwardServices(services: readonly DescService[], transport: Transport) {
  return (router: ConnectRouter): void => {
    for (const service of services) {
      const methods = Object.values(service.method).map((method) => [method.localName, forwarder(method, transport)]);
      router.service(service, Object.fromEntries(methods));
    }
    for (const [index, handler] of router.handlers.entries()) router.handlers[index] = observeRefusals(handler);
  };
}

type Handler = ConnectRouter["handlers"][number];

function observeRefusals(handler: Handler): Handler {
  const observed = async (request: Parameters<Handler>[0]) => {
    const response = await handler(request);
    const call = request.contextValues?.get(openCall);
    const grpcWeb = response.header?.get("content-type")?.startsWith("application/grpc-web");
    if (call === undefined || response.body === undefined || !grpcWeb) return response;
    const onError = (code: Code) => {
      call.code = code;
    };
    return { ...response, body: tellOutcome(response.body, onError) };
  };
  return Object.assign(observed, handler);
}
