import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type User, UserSchema } from "../../gen/parley/v1/user_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { parseMetadata } from "../aip/metadata.ts";
import { formatUserName } from "../aip/resource-name.ts";
import { timestampFromMillis, timestampOrNone } from "../aip/timestamp.ts";
import type { UserRow } from "./user-model.ts";

/** The user that a row holds, as it is answered to who may see all of it. */
export function userFromRow(row: Attributes<UserRow>): User {
  return create(UserSchema, {
    name: formatUserName({ application: row.application, user: row.id }),
    displayName: row.displayName,
    avatarUrl: row.avatarUrl ?? "",
    metadata: parseMetadata(row.metadata),
    email: row.email ?? "",
    role: row.role as User["role"],
    bot: row.bot === 1,
    activateTime: timestampOrNone(row.activateTime),
    createTime: timestampFromMillis(row.createTime),
    updateTime: timestampFromMillis(row.updateTime),
    etag: formatEtag({ revision: row.revision, updateTimeMs: row.updateTime }),
  });
}
