import type { OutgoingHttpHeaders } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { encodeStatusMessage } from "./grpc-status-message.ts";

/** Clients take 8 KiB of trailers at least; details that do not fit are left out, the last first. */
const MAX_DETAILS_BYTES = 4096;
const MAX_MESSAGE_LENGTH = 1024;

/** The fields by which gRPC tells an error, its details in `grpc-status-details-bin`; not its metadata. */
export function errorStatus(error: ConnectError): OutgoingHttpHeaders {
  const message = error.rawMessage.slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
  const details = toBinary(
    StatusSchema,
    create(StatusSchema, { code: error.code, message, details: packDetails(error) }),
  );
  return {
    "grpc-status": String(error.code),
    "grpc-message": encodeStatusMessage(message),
    "grpc-status-details-bin": Buffer.from(details).toString("base64"),
  };
}

function packDetails({ details }: ConnectError): Any[] {
  let bytes = 0;
  return details.map(pack).filter((any) => {
    bytes += any.value.length;
    return bytes <= MAX_DETAILS_BYTES;
  });
}

function pack(detail: ConnectError["details"][number]): Any {
  if ("desc" in detail) return anyPack(detail.desc, create(detail.desc, detail.value));
  return create(AnySchema, { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value });
}
