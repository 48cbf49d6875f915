import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { createServiceImplSpec, type Interceptor, type ServiceImpl } from "@connectrpc/connect";
import { methodNotFound } from "./call-error.ts";
import { createHandlerChain, type HandlerChain } from "./handler-chain.ts";
import { methodPath } from "./method-path.ts";

/** The services with the chain of each of their methods. */
export class MethodTable {
  readonly services: DescService[] = [];
  readonly #interceptors: readonly Interceptor[];
  /** By descriptor, and by path for callers with another copy of the descriptor. */
  readonly #chains = new Map<DescMethod | string, HandlerChain>();

  constructor(interceptors: readonly Interceptor[]) {
    this.#interceptors = interceptors;
  }

  add<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): void {
    const { typeName } = service;
    if (this.services.some((known) => known.typeName === typeName)) throw new Error(`${typeName} twice`);
    this.services.push(service);
    for (const spec of Object.values(createServiceImplSpec(service, implementation).methods)) {
      const chain = createHandlerChain(spec, this.#interceptors);
      this.#chains.set(spec.method, chain).set(methodPath(spec.method), chain);
    }
  }

  /** @throws UNIMPLEMENTED where there is no such method */
  find(method: DescMethod): HandlerChain {
    const chain = this.#chains.get(method) ?? this.#chains.get(methodPath(method));
    if (!chain) throw methodNotFound(methodPath(method));
    return chain;
  }
}
