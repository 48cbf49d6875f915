import type { OutgoingHttpHeaders } from "node:http2";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { ConnectError, UnaryResponse } from "@connectrpc/connect";
import type { CallLifetime } from "../call-lifetime.ts";
import { bytesOf } from "../encoded-messages.ts";
import { addMetadata, isEmpty } from "../grpc-metadata.ts";
import { errorStatus } from "../grpc-status.ts";
import { ReceivedCall } from "../received-call.ts";
import { REQUEST_ID_HEADER } from "../request-id-header.ts";
import type { RpcRegistry } from "../rpc-registry.ts";
import { type CallHead, formatAnswerHead, formatFields } from "./relay-head.ts";

/** What a call is run with. */
export type RelayedCallOptions = {
  readonly registry: RpcRegistry;
  readonly peer: string;
  /** Told once of the answer, which is an error where there is no message. */
  readonly onAnswer: (call: RelayedCall, head: string, body: Uint8Array | undefined, code: number) => void;
};

/** A unary call that came by a relay. It is run, limited and reported as one that has a stream of its own. */
export class RelayedCall extends ReceivedCall<DescMethodUnary> {
  readonly id: number;
  override readonly lifetime: CallLifetime;
  readonly #options: RelayedCallOptions;
  #ended = false;

  constructor(id: number, method: DescMethodUnary, { timeoutMs, metadata }: CallHead, options: RelayedCallOptions) {
    super(method, metadata, options.peer);
    this.id = id;
    this.#options = options;
    this.lifetime = options.registry.begin(method, timeoutMs, this);
  }

  async run(request: Uint8Array): Promise<void> {
    const { registry } = this.#options;
    try {
      this.#succeed(await registry.unary(this.method, this.parse(request), this));
    } catch (error) {
      this.fail(registry.toCallError(error, this.method, this.requestHeader));
    }
  }

  #succeed({ header, message, trailer }: UnaryResponse): void {
    if (this.#ended) return;
    const body = bytesOf(this.method.output, message);
    const own = `${REQUEST_ID_HEADER}\n${this.requestId}\n`;
    const headers = isEmpty(header) ? own : formatFields({ ...addMetadata({}, header), ...this.#ownFields() });
    this.#end(formatAnswerHead(headers, isEmpty(trailer) ? "" : formatFields(addMetadata({}, trailer))), body, 0);
  }

  protected override fail(error: ConnectError): void {
    if (this.#ended) return;
    this.failure = error;
    const fields = errorStatus(error);
    for (const metadata of [this.responseHeader, this.responseTrailer, error.metadata]) addMetadata(fields, metadata);
    this.#end(formatFields({ ...fields, ...this.#ownFields() }), undefined, error.code);
  }

  #ownFields(): OutgoingHttpHeaders {
    return { [REQUEST_ID_HEADER]: this.requestId };
  }

  #end(head: string, body: Uint8Array | undefined, code: number): void {
    this.#ended = true;
    this.lifetime.end();
    this.#options.onAnswer(this, head, body, code);
  }
}
