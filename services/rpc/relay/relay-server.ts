import { constants, type ServerHttp2Stream } from "node:http2";
import type { DescMethod, DescMethodUnary } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { abortedByCaller, malformedRequest, metadataTooLarge, methodNotFound } from "../call-error.ts";
import type { CallReport } from "../call-report.ts";
import { requestTooLarge } from "../errors.ts";
import { endAnswered } from "../grpc-answer.ts";
import { errorStatus } from "../grpc-status.ts";
import type { GrpcWire } from "../grpc-wire.ts";
import type { RpcRegistry } from "../rpc-registry.ts";
import { FRAME, MAX_CALLS, type RelayFrame } from "./relay-frame.ts";
import { formatFields, parseCallHead } from "./relay-head.ts";
import { RelayReader } from "./relay-reader.ts";
import { BATCH_BYTES, RelayWriter } from "./relay-writer.ts";
import { RelayedCall, type RelayedCallOptions } from "./relayed-call.ts";

/** Of answers that the other side has not taken: from the first on no more calls are read, at the second it is cut off. */
const PAUSE_BYTES = 1_048_576;
const MAX_BACKLOG_BYTES = 268_435_456;

const OK = { "grpc-status": "0" };
const EMPTY = Buffer.alloc(0);

export type RelayServerOptions = {
  readonly registry: RpcRegistry;
  /** By path. */
  readonly methods: ReadonlyMap<string, DescMethod>;
  readonly maxRequestBytes: number;
  readonly maxMetadataBytes: number;
  readonly onCall?: ((report: CallReport) => void) | undefined;
};

/** One relay, as the api has it: runs the calls that come, and ends with status 0 only when all that it began are answered. */
export class RelayServer {
  readonly #wire: GrpcWire;
  readonly #options: RelayServerOptions;
  readonly #writer: RelayWriter;
  readonly #calls = new Map<number, RelayedCall>();
  readonly #callOptions: RelayedCallOptions;
  #status: Record<string, unknown> = OK;
  #isStopping = false;

  constructor(wire: GrpcWire, options: RelayServerOptions) {
    const { stream } = wire;
    this.#wire = wire;
    this.#options = options;
    this.#writer = new RelayWriter(stream);
    const { registry } = options;
    this.#callOptions = { registry, peer: wire.connection.peer, onAnswer: (...answer) => this.#answer(...answer) };
    const reader = new RelayReader(BATCH_BYTES, (frame) => this.#take(frame));
    stream.on("data", (chunk: Buffer) => this.#read(reader, chunk));
    stream.on("drain", () => stream.resume());
    stream.on("end", () => this.stop());
    // What it is an error of shows in the code with which the stream closes.
    stream.on("error", () => {});
    stream.on("close", () => this.#close());
    stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => endAnswered(stream, this.#status as typeof OK));
  }

  /** Takes no more calls, and ends when those under way are answered. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    if (this.#calls.size === 0) this.#writer.end();
  }

  get #stream(): ServerHttp2Stream {
    return this.#wire.stream;
  }

  #read(reader: RelayReader, chunk: Buffer): void {
    if (this.#status !== OK) return;
    try {
      reader.push(chunk);
    } catch (error) {
      this.#refuse(malformedRequest((error as Error).message, error));
    }
    if (this.#writer.backlog > PAUSE_BYTES) this.#stream.pause();
  }

  #take(frame: RelayFrame): void {
    const call = this.#calls.get(frame.id);
    if (frame.kind === FRAME.CANCEL) call?.abort(abortedByCaller(undefined));
    else if (frame.kind !== FRAME.CALL || call !== undefined)
      throw new Error("a relay has a frame that makes no sense");
    else if (this.#isStopping || this.#calls.size >= MAX_CALLS) this.#send(FRAME.REFUSAL, frame.id, "", EMPTY);
    else this.#begin(frame);
  }

  #begin({ id, head, body }: RelayFrame): void {
    const { methods, maxMetadataBytes, maxRequestBytes } = this.#options;
    const callHead = parseCallHead(head);
    const method = methods.get(callHead.path);
    if (method?.methodKind !== "unary") {
      this.#send(FRAME.ANSWER, id, formatFields(errorStatus(methodNotFound(callHead.path))), EMPTY);
      return;
    }
    const call = new RelayedCall(id, method as DescMethodUnary, callHead, this.#callOptions);
    this.#calls.set(id, call);
    this.#wire.connection.begin();
    if (callHead.metadataBytes > maxMetadataBytes) call.abort(metadataTooLarge(maxMetadataBytes));
    else if (body.length > maxRequestBytes) call.abort(requestTooLarge(maxRequestBytes));
    else void call.run(body);
  }

  #answer(call: RelayedCall, head: string, body: Uint8Array | undefined, code: number): void {
    this.#calls.delete(call.id);
    this.#wire.connection.end();
    this.#send(FRAME.ANSWER, call.id, head, body ?? EMPTY);
    this.#options.onCall?.(call.report(code));
    if (this.#isStopping && this.#calls.size === 0) this.#writer.end();
  }

  #send(kind: number, id: number, head: string, body: Uint8Array): void {
    this.#writer.add({ kind, id, head, body });
    if (this.#writer.backlog > MAX_BACKLOG_BYTES) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  /** What the other side sends cannot be read, which ends its calls. */
  #refuse(error: ConnectError): void {
    this.#status = errorStatus(error);
    for (const call of [...this.#calls.values()]) call.abort(error);
    this.stop();
  }

  #close(): void {
    this.#isStopping = true;
    for (const call of [...this.#calls.values()]) call.abandon();
  }
}
