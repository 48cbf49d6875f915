import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { createServiceImplSpec, type Interceptor, type ServiceImpl } from "@connectrpc/connect";
import { methodNotFound } from "./call-error.ts";
import { createHandlerChain, type HandlerChain } from "./handler-chain.ts";
import { methodPath } from "./method-path.ts";

/** A method as it is served. */
export type ServedMethod = {
  readonly path: string;
  readonly chain: HandlerChain;
  /** Whether the limit of calls holds for it. */
  readonly isCounted: boolean;
};

/** The services with the chain of each of their methods. */
export class MethodTable {
  readonly services: DescService[] = [];
  readonly #interceptors: readonly Interceptor[];
  /** By descriptor, and by path for callers with another copy of the descriptor. */
  readonly #methods = new Map<DescMethod | string, ServedMethod>();
  readonly #isUncounted: (method: DescMethod) => boolean;

  /** @param isUncounted asked once a method, when it is added */
  constructor(interceptors: readonly Interceptor[], isUncounted: (method: DescMethod) => boolean) {
    this.#interceptors = interceptors;
    this.#isUncounted = isUncounted;
  }

  add<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): void {
    const { typeName } = service;
    if (this.services.some((known) => known.typeName === typeName)) throw new Error(`${typeName} twice`);
    this.services.push(service);
    for (const spec of Object.values(createServiceImplSpec(service, implementation).methods)) {
      const path = methodPath(spec.method);
      const chain = createHandlerChain(spec, this.#interceptors);
      const served = { path, chain, isCounted: !this.#isUncounted(spec.method) };
      this.#methods.set(spec.method, served).set(path, served);
    }
  }

  /** @throws UNIMPLEMENTED where there is no such method */
  find(method: DescMethod): ServedMethod {
    const served = this.#methods.get(method) ?? this.#methods.get(methodPath(method));
    if (!served) throw methodNotFound(methodPath(method));
    return served;
  }
}
