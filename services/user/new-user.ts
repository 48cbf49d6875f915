import type { Attributes } from "sequelize";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { formatMetadata } from "../aip/metadata.ts";
import type { UserName } from "../aip/resource-name.ts";
import type { UserRow } from "./user-model.ts";

/** What a user is made with. `email` is in the form that is stored, or empty. */
export type UserProfile = {
  displayName: string;
  avatarUrl?: string;
  metadata?: Readonly<Record<string, string>>;
  email?: string;
  role?: User_Role;
  bot?: boolean;
  passwordHash?: string;
};

/** The row of a user who is made now. */
export function newUserRow({ application, user }: UserName, profile: UserProfile): Attributes<UserRow> {
  const now = Date.now();
  return {
    application,
    id: user,
    displayName: profile.displayName,
    avatarUrl: profile.avatarUrl || null,
    metadata: formatMetadata(profile.metadata ?? {}),
    email: profile.email || null,
    role: profile.role || User_Role.USER,
    bot: profile.bot ? 1 : 0,
    passwordHash: profile.passwordHash ?? null,
    activateTime: null,
    tokensFrom: 0,
    revision: 1,
    createTime: now,
    updateTime: now,
    deleteTime: null,
    eraseDue: 0,
  };
}
