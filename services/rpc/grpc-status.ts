import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { Metadata, type ServerInterceptingCallInterface, status } from "@grpc/grpc-js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { malformedRequest, toCallError } from "./call-error.ts";
import { rpcError } from "./errors.ts";
import { toMetadata } from "./grpc-metadata.ts";

/** What ends a call of grpc-js. */
export type GrpcStatus = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

/** Clients take 8 KiB of trailers at least; details that do not fit are left out, the last first. */
const MAX_DETAILS_BYTES = 4096;
const MAX_MESSAGE_LENGTH = 1024;

/** The status of an error, its details in `grpc-status-details-bin`, its metadata and `headers` as trailers. */
export function errorStatus(error: ConnectError, ...headers: readonly Headers[]): GrpcStatus {
  const metadata = toMetadata(...headers, error.metadata) ?? new Metadata();
  // grpc-js percent-encodes the message, which throws on a lone surrogate.
  const message = error.rawMessage.slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
  const details = toBinary(
    StatusSchema,
    create(StatusSchema, { code: error.code, message, details: packDetails(error) }),
  );
  metadata.set("grpc-status-details-bin", Buffer.from(details));
  return { code: error.code as number, details: message, metadata };
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

/**
 * The error for a status by which grpc-js itself ends a call. What it names INTERNAL is a fault of the caller:
 * a `grpc-timeout` or a compressed message that it cannot read.
 */
export function errorOfGrpcJs({ code, details }: GrpcStatus): ConnectError {
  if (code === status.INTERNAL) return malformedRequest(details);
  if (code === status.UNIMPLEMENTED) return rpcError(Code.Unimplemented, ErrorReason.MALFORMED_REQUEST, details);
  return toCallError(new ConnectError(details, code as number));
}
