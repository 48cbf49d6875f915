import type { DescMethod, DescMethodUnary, DescService, Message } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext, Transport } from "@connectrpc/connect";

function copyHeaders(from: Headers, to: Headers): void {
  for (const [name, value] of from) to.append(name, value);
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

/** An implementation of a method that hands the call on. */
function forwarder(method: DescMethod, transportFor: (protocol: string) => Transport) {
  if (!isUnary(method)) {
    throw new Error(`${method.parent.typeName}/${method.name}: only unary methods can be forwarded yet`);
  }
  return async (request: Message, context: HandlerContext) => {
    const { signal, requestHeader, protocolName } = context;
    const transport = transportFor(protocolName);
    const answer = await transport.unary(method, signal, context.timeoutMs(), requestHeader, request);
    copyHeaders(answer.header, context.responseHeader);
    copyHeaders(answer.trailer, context.responseTrailer);
    return answer.message;
  };
}

/**
 * Routes that hand every call of the services on. They decide nothing: who may call, and with what, is for the other
 * side of the transport.
 *
 * @param transportFor gives the transport for calls of a protocol: `connect`, `grpc-web`
 */
export function forwardServices(services: readonly DescService[], transportFor: (protocol: string) => Transport) {
  return (router: ConnectRouter): void => {
    for (const service of services) {
      const methods = Object.values(service.method).map((method) => [
        method.localName,
        forwarder(method, transportFor),
      ]);
      router.service(service, Object.fromEntries(methods));
    }
  };
}
