import type { ConnectError } from "@connectrpc/connect";
import { createAsyncIterable, encodeEnvelope, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import {
  codeToHttpStatus,
  contentTypeUnaryJson,
  endStreamFlag,
  endStreamToJson,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus, trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { isEnveloped, protocolOf } from "./protocol.ts";

/** An answer whose body has been made. */
export type WholeAnswer = { status: number; header: Headers; body: Uint8Array };

/** The answer to a request that fails before there is anything else to answer, in the form of its protocol. */
export function errorAnswer(error: ConnectError, contentType: string): WholeAnswer {
  if (!isEnveloped(contentType)) return jsonAnswer(error, codeToHttpStatus(error.code));
  if (protocolOf(contentType) === "grpc-web") {
    return frameAnswer(contentType, trailerFlag, trailerSerialize(setTrailerStatus(new Headers(), error)));
  }
  const end = JSON.stringify(endStreamToJson(new Headers(), error, undefined));
  return frameAnswer(contentType, endStreamFlag, new TextEncoder().encode(end));
}

/** The error as Connect answers a unary call with it, under a status of one's own. */
export function jsonAnswer(error: ConnectError, status: number): WholeAnswer {
  const body = errorToJsonBytes(error, undefined);
  const header = new Headers(error.metadata);
  header.set("content-type", contentTypeUnaryJson);
  header.set("content-length", String(body.byteLength));
  return { status, header, body };
}

export function toUniversal({ status, header, body }: WholeAnswer): UniversalServerResponse {
  return { status, header, body: createAsyncIterable([body]) };
}

function frameAnswer(contentType: string, flags: number, data: Uint8Array): WholeAnswer {
  return { status: 200, header: new Headers({ "content-type": contentType }), body: encodeEnvelope(flags, data) };
}
