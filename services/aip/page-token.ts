import { createHash } from "node:crypto";
import { clone, type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";

/** The cursor that is a number of a chat or message. */
export const NUMBER_CURSOR = /^[1-9]\d{0,9}$/;

type PagedRequest = { pageSize: number; pageToken: string };

const DIGEST_LENGTH = 12;

/** Digest of everything that a page token is tied to: the request without its page_size and page_token, the cursor. */
function digest<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc>, cursor: string): Buffer {
  const bare = clone(schema, request) as MessageShape<Desc> & PagedRequest;
  bare.pageSize = 0;
  bare.pageToken = "";
  const hash = createHash("sha256").update(schema.typeName).update(toBinary(schema, bare)).update("\0").update(cursor);
  return hash.digest().subarray(0, DIGEST_LENGTH);
}

/**
 * An opaque page token (AIP-158): the cursor, tied to the arguments of the request except page_size.
 *
 * @param cursor where the next page begins, in the caller's own notation
 */
export function formatPageToken<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc>,
  cursor: string,
): string {
  return Buffer.concat([digest(schema, request, cursor), Buffer.from(cursor)]).toString("base64url");
}

/**
 * The cursor in a request's page token; undefined where it has none; a token of another request is INVALID_ARGUMENT.
 *
 * @param form what every cursor of this request looks like
 */
export function parsePageToken<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc> & PagedRequest,
  form: RegExp,
): string | undefined {
  if (request.pageToken === "") return undefined;
  const bytes = Buffer.from(request.pageToken, "base64url");
  const cursor = bytes.subarray(DIGEST_LENGTH).toString();
  const own =
    form.test(cursor) &&
    bytes.toString("base64url") === request.pageToken &&
    digest(schema, request, cursor).equals(bytes.subarray(0, DIGEST_LENGTH));
  if (own) return cursor;
  throw pageTokenInvalid();
}

/** INVALID_ARGUMENT: the page token is not one of the request's. */
export function pageTokenInvalid(): ConnectError {
  return rpcError(
    Code.InvalidArgument,
    ErrorReason.PAGE_TOKEN_INVALID,
    "page_token: not a token of this request; repeat the arguments of the request that gave it, or start without it",
  );
}
