import { type DescMessage, type DescMethod, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { frameMessage } from "../../services/rpc/grpc-frame.ts";
import type { Load } from "./h2load.ts";

/** The connections and streams of every load that is not said to be otherwise. */
export const USUAL_LOAD = { connections: 8, streams: 32 };

/** A request as gRPC sends it. */
export function encodeRequest<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc>): Uint8Array {
  return frameMessage(toBinary(schema, request));
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
