import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type TokenKey, TokenKeySchema } from "../../gen/parley/v1/auth_pb.ts";
import { formatTokenKeyName } from "../aip/resource-name.ts";
import { timestampFromMillis } from "../aip/timestamp.ts";
import type { TokenKeyRow } from "./token-key-model.ts";

type Row = Attributes<TokenKeyRow>;

/** The token key that a row holds, as it is answered. */
export function tokenKeyFromRow(row: Row): TokenKey {
  return create(TokenKeySchema, {
    name: formatTokenKeyName({ application: row.application, tokenKey: row.id }),
    publicKey: row.publicKey,
    issuer: row.issuer,
    keyId: row.keyId,
    userClaim: row.userClaim,
    displayNameClaim: row.displayNameClaim,
    createUsers: row.createUsers !== 0,
    createTime: timestampFromMillis(row.createTime),
  });
}

/** What is stored of a token key that is to be registered. */
export function tokenKeyToRow(key: TokenKey): Omit<Row, "application" | "id" | "createTime"> {
  return {
    publicKey: key.publicKey,
    issuer: key.issuer,
    keyId: key.keyId,
    userClaim: key.userClaim || "sub",
    displayNameClaim: key.displayNameClaim || "name",
    createUsers: key.createUsers ? 1 : 0,
  };
}
