import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type Member, type Member_Role, MemberSchema } from "../../gen/parley/v1/member_pb.ts";
import { formatMemberName, type MemberName } from "../aip/resource-name.ts";
import { timestampFromMillis, timestampOrNone } from "../aip/timestamp.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { MemberRow } from "./member-model.ts";
import type { MemberProfile } from "./member-profiles.ts";

/** The row of a user who becomes a member. */
export function newMemberRow(
  { application, chat, user }: MemberName,
  role: Member_Role,
  { mark, timeMs }: { mark: CommitMark; timeMs: number },
): Attributes<MemberRow> {
  return {
    application,
    chat,
    user,
    role,
    joinTime: timeMs,
    muteExpireTime: null,
    banExpireTime: null,
    readNumber: 0,
    changeSeq: mark,
  };
}

/**
 * The member that a row holds, as it is answered.
 *
 * @param profile of its user; none where nobody asked for it
 */
export function memberFromRow(row: Attributes<MemberRow>, profile?: MemberProfile): Member {
  return create(MemberSchema, {
    name: formatMemberName(row),
    user: row.user,
    role: row.role as Member_Role,
    joinTime: timestampFromMillis(row.joinTime),
    muteExpireTime: timestampOrNone(row.muteExpireTime),
    banExpireTime: timestampOrNone(row.banExpireTime),
    readNumber: row.readNumber,
    ...profile,
  });
}
