import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { ListTokenKeysRequestSchema } from "../../gen/parley/v1/auth_pb.ts";
import type { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { parsePageToken } from "../aip/page-token.ts";
import {
  formatApplicationName,
  formatTokenKeyName,
  parseApplicationName,
  parseTokenKeyName,
} from "../aip/resource-name.ts";
import { type FieldViolation, invalidFields, notFound, rpcError } from "../rpc/errors.ts";
import { PublicKeyError, readPublicKey } from "./public-key.ts";
import { tokenKeyFromRow, tokenKeyToRow } from "./token-key-codec.ts";
import { KnownTokenKeyError, TOKEN_KEYS_MAX, type TokenKeyStore, TooManyTokenKeysError } from "./token-key-store.ts";
import type { TokenKeys } from "./token-keys.ts";

/** The id of a key. */
const CURSOR = /^[0-9a-z]{26}$/;

export type TokenKeyMethodsOptions = {
  store: TokenKeyStore;
  keys: TokenKeys;
  /** What the server's own tokens have as `iss`. */
  ownIssuer: string;
  pageSizes: PageSizes;
};

type TokenKeyMethods = Pick<ServiceImpl<typeof AuthService>, "createTokenKey" | "listTokenKeys" | "deleteTokenKey">;

/** The methods of AuthService for the keys of other issuers. */
export function createTokenKeyMethods({ store, keys, ownIssuer, pageSizes }: TokenKeyMethodsOptions): TokenKeyMethods {
  return {
    async createTokenKey({ parent, tokenKey }) {
      const { application } = parseApplicationName(parent, "parent");
      const { publicKey, issuer } = tokenKey!;
      const faults = [...faultsOfKey(publicKey), ...faultsOfIssuer(issuer, ownIssuer)];
      if (faults.length > 0) throw invalidFields(faults);
      const row = await store.create(application, tokenKeyToRow(tokenKey!)).catch(rethrowRefused(application));
      if (!row) throw notFound(parent);
      keys.forget(application);
      return tokenKeyFromRow(row);
    },

    async listTokenKeys(request) {
      const { application } = parseApplicationName(request.parent, "parent");
      const after = parsePageToken(ListTokenKeysRequestSchema, request, CURSOR);
      const size = coercePageSize(request.pageSize, pageSizes);
      const rows = await store.list(application, size + 1, after);
      if (!rows) throw notFound(request.parent);
      const { page, nextPageToken } = cutPage(ListTokenKeysRequestSchema, request, rows, {
        size,
        cursorOf: ({ id }) => id,
      });
      return { tokenKeys: page.map(tokenKeyFromRow), nextPageToken };
    },

    async deleteTokenKey({ name }) {
      const { application, tokenKey } = parseTokenKeyName(name, "name");
      if (!(await store.delete(application, tokenKey))) throw notFound(name);
      keys.forget(application);
      return create(EmptySchema);
    },
  };
}

function faultsOfKey(text: string): FieldViolation[] {
  try {
    readPublicKey(text);
    return [];
  } catch (error) {
    if (!(error instanceof PublicKeyError)) throw error;
    return [{ field: "token_key.public_key", description: error.message }];
  }
}

function faultsOfIssuer(issuer: string, ownIssuer: string): FieldViolation[] {
  if (issuer !== ownIssuer) return [];
  return [{ field: "token_key.issuer", description: "is this server's own: give the other issuer's `iss`" }];
}

function rethrowRefused(application: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof KnownTokenKeyError) throw keyExists(formatTokenKeyName({ application, tokenKey: error.id }));
    if (!(error instanceof TooManyTokenKeysError)) throw error;
    const resource = formatApplicationName({ application });
    const message = `${resource} has ${TOKEN_KEYS_MAX} token keys, which is the limit: delete one that is not used`;
    throw rpcError(Code.FailedPrecondition, ErrorReason.FULL, message, { resource });
  };
}

function keyExists(resource: string): ConnectError {
  const message = `this public key is registered as ${resource}: use that, or delete it first`;
  return rpcError(Code.AlreadyExists, ErrorReason.TOKEN_KEY_EXISTS, message, { resource });
}
