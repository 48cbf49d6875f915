import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `members`. Times are milliseconds since 1970, UTC. */
export class MemberRow extends Model<InferAttributes<MemberRow>, InferCreationAttributes<MemberRow>> {
  declare application: string;
  declare chat: number;
  declare user: string;
  /** parley.v1.Member.Role. */
  declare role: number;
  declare joinTime: number;
  declare muteExpireTime: number | null;
  declare banExpireTime: number | null;
  declare readNumber: number;
  declare changeSeq: number;
}

/** What an update of a member's row may change. */
export const MEMBER_MUTABLE_COLUMNS = [
  ...["role", "join_time", "mute_expire_time", "ban_expire_time", "read_number", "change_seq"],
];

/** A subclass bound to a database; a process may use several. */
export function defineMemberRow(sequelize: Sequelize): typeof MemberRow {
  return class extends MemberRow {}.init(
    {
      application: { type: DataTypes.STRING(26), primaryKey: true },
      chat: { type: DataTypes.INTEGER, primaryKey: true },
      user: { type: DataTypes.STRING(128), primaryKey: true },
      role: DataTypes.TINYINT,
      joinTime: DataTypes.BIGINT,
      muteExpireTime: DataTypes.BIGINT,
      banExpireTime: DataTypes.BIGINT,
      readNumber: DataTypes.INTEGER,
      changeSeq: DataTypes.BIGINT,
    },
    { sequelize, modelName: "members", tableName: "members" },
  );
}
