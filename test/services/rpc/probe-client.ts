import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Client, type ClientDuplexStream, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../gen/google/rpc/status_pb.ts";

export type Outcome<T> = {
  messages: T[];
  header: Metadata;
  status: StatusObject;
};

/** A grpc-js client of any method. It gives the outcome of a call, failed or not, as the wire had it. */
export class ProbeClient {
  readonly #client: Client;

  constructor(port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  close(): void {
    this.#client.close();
  }

  /** The open call; its messages are bytes both ways. */
  open(path: string, metadata = new Metadata(), deadline?: number): ClientDuplexStream<Uint8Array, Buffer> {
    const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes);
    const options = deadline === undefined ? {} : { deadline: Date.now() + deadline };
    return this.#client.makeBidiStreamRequest(path, asBuffer, (bytes) => bytes, metadata, options);
  }

  /** Sends `requests`, half-closes and reads to the end. */
  async call<M extends DescMethod>(
    method: M,
    requests: MessageInitShape<M["input"]>[],
    metadata?: Metadata,
    deadline?: number,
  ): Promise<Outcome<MessageShape<M["output"]>>> {
    const bytes = requests.map((request) => toBinary(method.input, create(method.input, request)));
    const { messages, ...rest } = await this.callRaw(pathOf(method), bytes, metadata, deadline);
    return { ...rest, messages: messages.map((each) => fromBinary(method.output, each) as MessageShape<M["output"]>) };
  }

  callRaw(path: string, requests: Uint8Array[], metadata?: Metadata, deadline?: number): Promise<Outcome<Buffer>> {
    const call = this.open(path, metadata, deadline);
    for (const request of requests) call.write(request);
    call.end();
    return outcomeOf(call);
  }
}

export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Reads an open call to its end. */
export function outcomeOf(call: ClientDuplexStream<Uint8Array, Buffer>): Promise<Outcome<Buffer>> {
  return new Promise((resolve) => {
    const messages: Buffer[] = [];
    let header = new Metadata();
    call.on("metadata", (received: Metadata) => {
      header = received;
    });
    call.on("data", (message: Buffer) => messages.push(message));
    call.on("error", () => {});
    call.on("status", (status: StatusObject) => resolve({ messages, header, status }));
  });
}

/** The google.rpc.Status of a failed call. */
export function statusProtoOf({ metadata }: StatusObject) {
  return fromBinary(StatusSchema, metadata.get("grpc-status-details-bin")[0] as Buffer);
}

/** The reasons of the ErrorInfo details of a failed call; every error has exactly one. */
export function reasonsOf(status: StatusObject): string[] {
  return statusProtoOf(status).details.flatMap((any) => anyUnpack(any, ErrorInfoSchema)?.reason ?? []);
}
