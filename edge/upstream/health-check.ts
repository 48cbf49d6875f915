import { type ClientHttp2Session, constants } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/health/v1/health_pb.ts";
import { methodPath } from "../../services/rpc/method-path.ts";
import { toRequestHeaders } from "./call-metadata.ts";
import { UnaryExchange } from "./unary-exchange.ts";

const { check } = Health.method;
const REQUEST = toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema));
const MAX_BYTES = 1_024;

/**
 * Asks a server whether it takes calls, by grpc.health.v1. One without that service is taken to; so the protocol has it.
 * Rejects where the session ends before the answer.
 */
export async function checkHealth(session: ClientHttp2Session): Promise<boolean> {
  const stream = session.request(toRequestHeaders(methodPath(check)));
  try {
    const { message } = await new UnaryExchange(stream, {
      request: REQUEST,
      maxBytes: MAX_BYTES,
      // A session has one check at a time, so that there is no crowd of them to hold back.
      reset: () => stream.close(constants.NGHTTP2_CANCEL),
    }).answer;
    return fromBinary(check.output, message).status === ServingStatus.SERVING;
  } catch (error) {
    if (error instanceof ConnectError) return error.code === Code.Unimplemented;
    throw error;
  }
}
