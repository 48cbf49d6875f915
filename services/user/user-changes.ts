import type { Attributes } from "sequelize";
import { type User, User_Role } from "../../gen/parley/v1/user_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { formatMetadata } from "../aip/metadata.ts";
import { formatUserName } from "../aip/resource-name.ts";
import { etagMismatch } from "../rpc/errors.ts";
import type { UserRow } from "./user-model.ts";

type Row = Attributes<UserRow>;

/** A field of a user that an update may name. */
export type UserField = "display_name" | "avatar_url" | "metadata" | "email" | "role" | "bot";

/** The fields that an update may change, each with whether the user given has it set; authorisation keeps some from some. */
export function updatableFields(user: User): Record<UserField, boolean> {
  return {
    display_name: user.displayName !== "",
    avatar_url: user.avatarUrl !== "",
    metadata: Object.keys(user.metadata).length > 0,
    email: user.email !== "",
    role: user.role !== User_Role.UNSPECIFIED,
    bot: user.bot,
  };
}

/** What an update of these fields changes of a row. `email` is in the form that is stored, or empty. */
export function changeOf(
  { displayName, avatarUrl, metadata, email, role, bot }: Omit<User, "$typeName">,
  fields: readonly UserField[],
): (row: Row) => Partial<Row> {
  const values: Record<UserField, (row: Row) => Partial<Row>> = {
    display_name: () => ({ displayName }),
    avatar_url: () => ({ avatarUrl: avatarUrl || null }),
    metadata: () => ({ metadata: formatMetadata(metadata) }),
    email: (row) => changeOfEmail(row, email || null),
    role: () => ({ role: role || User_Role.USER }),
    bot: () => ({ bot: bot ? 1 : 0 }),
  };
  return (row) => Object.assign({}, ...fields.map((field) => values[field](row)));
}

/**
 * Another address is not confirmed. Nobody can log in before it is, by setting the password anew: so the old one goes,
 * and who registers with the address does not take the user for one who registered itself.
 */
function changeOfEmail(row: Row, email: string | null): Partial<Row> {
  return row.email === email ? {} : { email, activateTime: null, passwordHash: null };
}

/** ABORTED where an etag was given that is not the user's. */
export function checkUserEtag(etag: string, { application, id, revision, updateTime }: Row): void {
  if (etag === "" || etag === formatEtag({ revision, updateTimeMs: updateTime })) return;
  throw etagMismatch(formatUserName({ application, user: id }));
}
