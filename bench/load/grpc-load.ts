import { type DescMessage, type DescMethod, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Load } from "./h2load.ts";

/** The connections and streams of every load that is not said to be otherwise. */
export const USUAL_LOAD = { connections: 8, streams: 32 };

/** A message as gRPC frames it: not compressed, its length, its bytes. */
export function frameMessage<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array {
  const bytes = toBinary(schema, message);
  const framed = Buffer.alloc(5 + bytes.length);
  framed.writeUInt32BE(bytes.length, 1);
  framed.set(bytes, 5);
  return framed;
}

/** Calls of a unary method with what a file has in it. `address` is `host:port`, or several with commas between. */
export function grpcLoad(method: DescMethod, address: string, bodyFile: string, key = ""): Load {
  return {
    urls: address.split(",").map((each) => `http://${each}/${method.parent.typeName}/${method.name}`),
    headers: { te: "trailers", "content-type": "application/grpc", ...(key && { authorization: `Bearer ${key}` }) },
    bodyFile,
    ...USUAL_LOAD,
  };
}
