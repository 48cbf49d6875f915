import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, type ConnectError, type HandlerContext } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { principalName, principalOf } from "../auth/principal.ts";
import type { CreateRequestKey } from "../numbering/numbering.ts";
import { rpcError } from "../rpc/errors.ts";
import { digestRequest } from "./request-digest.ts";

/** What tells a repeated create from a new one (AIP-155); undefined where the request has no request_id. */
export function requestKey<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc> & { requestId: string },
  { values }: HandlerContext,
): CreateRequestKey | undefined {
  if (request.requestId === "") return undefined;
  const requestId = request.requestId.toLowerCase();
  return { principal: principalName(principalOf(values)), requestId, digest: digestRequest(schema, request) };
}

/** ALREADY_EXISTS: the request_id belongs to another request. */
export function requestIdReused(requestId: string): ConnectError {
  return rpcError(
    Code.AlreadyExists,
    ErrorReason.REQUEST_ID_REUSED,
    `request_id ${requestId} was used for another request; make a new one`,
    { request_id: requestId },
  );
}
