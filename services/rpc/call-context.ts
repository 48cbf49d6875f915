import type { HandlerContext } from "@connectrpc/connect";
import type { CallInit } from "./call-init.ts";
import { type CallRequest, callOf } from "./call-request.ts";

/** What a handler gets beside its message; its parts are made for who asks. */
export class CallContext implements HandlerContext {
  readonly #request: CallRequest;
  readonly #call: CallInit;

  constructor(request: CallRequest) {
    this.#request = request;
    this.#call = callOf(request);
  }

  /** A property, as handlers may take it out of its object. */
  readonly timeoutMs = (): number => this.#call.lifetime.remainingMs();

  get service() {
    return this.#request.service;
  }

  get method() {
    return this.#request.method;
  }

  get signal() {
    return this.#call.lifetime.signal;
  }

  get requestMethod() {
    return this.#request.requestMethod;
  }

  get requestHeader() {
    return this.#request.header;
  }

  get values() {
    return this.#request.contextValues;
  }

  get url() {
    return this.#request.url;
  }

  get protocolName() {
    return this.#call.protocolName;
  }

  get responseHeader() {
    return this.#call.responseHeader;
  }

  get responseTrailer() {
    return this.#call.responseTrailer;
  }
}
