import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type Tokens, TokensSchema } from "../../gen/parley/v1/auth_pb.ts";
import { timestampFromMillis } from "../aip/timestamp.ts";
import type { GivenTokens } from "../session/user-sessions.ts";
import { userFromRow } from "../user/user-codec.ts";
import type { UserRow } from "../user/user-model.ts";

/** Tokens as they are answered, with their user. */
export function tokensAnswer({ access, refresh }: GivenTokens, row: Attributes<UserRow>): Tokens {
  return create(TokensSchema, {
    accessToken: access.token,
    accessTokenExpireTime: timestampFromMillis(access.expireTimeMs),
    refreshToken: refresh?.token ?? "",
    refreshTokenExpireTime: refresh && timestampFromMillis(refresh.expireTimeMs),
    user: userFromRow(row),
  });
}
