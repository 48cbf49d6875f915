import { create, type DescMethodUnary, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Code, ConnectError, type Transport } from "@connectrpc/connect";
import { Client, type ClientOptions, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { StatusSchema } from "../gen/google/rpc/status_pb.ts";

/** A transport over a grpc-js channel of its own. */
export type GrpcJsTransport = Transport & { client: Client; close(): void };

/** What a failed call carries in `grpc-status-details-bin`: the bytes of a google.rpc.Status. */
export function statusDetailsOf({ metadata }: ServiceError): Buffer {
  return (metadata.get("grpc-status-details-bin")[0] as Buffer | undefined) ?? Buffer.alloc(0);
}

/** Text metadata alone; the details in `grpc-status-details-bin` are read apart. */
function toHeaders(metadata: Metadata): Headers {
  const texts = Object.entries(metadata.getMap()).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return new Headers(texts);
}

function errorOf(error: ServiceError): ConnectError {
  const failure = new ConnectError(error.details, error.code as number as Code, toHeaders(error.metadata));
  failure.details = fromBinary(StatusSchema, statusDetailsOf(error)).details.map(({ typeUrl, value }) => ({
    type: typeUrl.replace("type.googleapis.com/", ""),
    value,
  }));
  return failure;
}

/** One unary call by grpc-js itself; rejects with its ServiceError. */
export function callGrpcJs(
  client: Client,
  method: DescMethodUnary,
  request: Uint8Array,
  headers: Headers,
  timeoutMs = 60_000,
): Promise<{ bytes: Buffer; header: Headers }> {
  const metadata = new Metadata();
  for (const [name, value] of headers) metadata.set(name, value);
  return new Promise((resolve, reject) => {
    let header = new Headers();
    const asIs = (bytes: Buffer) => bytes;
    const path = `/${method.parent.typeName}/${method.name}`;
    const options = { deadline: Date.now() + timeoutMs };
    const call = client.makeUnaryRequest(path, asIs, asIs, Buffer.from(request), metadata, options, (error, bytes) => {
      if (error) reject(error);
      else resolve({ bytes: bytes!, header });
    });
    call.on("metadata", (received: Metadata) => {
      header = toHeaders(received);
    });
  });
}

/** @param address `host:port` */
export function createGrpcJsTransport(
  address: string,
  access = credentials.createInsecure(),
  options: ClientOptions = {},
): GrpcJsTransport {
  // A subchannel is shared between clients with equal options; a connection of its own wants a pool of its own.
  const client = new Client(address, access, { "grpc.use_local_subchannel_pool": 1, ...options });
  return {
    client,
    close: () => client.close(),
    async unary(method, _signal, timeoutMs, header, input) {
      const request = toBinary(method.input, create(method.input, input));
      const answer = await callGrpcJs(client, method, request, new Headers(header), timeoutMs).catch((error) => {
        throw errorOf(error as ServiceError);
      });
      const message = fromBinary(method.output, answer.bytes);
      return { stream: false, service: method.parent, method, header: answer.header, trailer: new Headers(), message };
    },
    stream(method) {
      throw new Error(`${method.name}: this transport has no streams`);
    },
  };
}
