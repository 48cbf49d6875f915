import type { Facts } from "../facts/facts.ts";
import { type FieldViolation, invalidFields } from "../rpc/errors.ts";

/** Users that a request names, by the field that each is in. */
export type NamedUsers = readonly { field: string; user: string }[];

/** Refuses ids of whom the application has no such user, or no longer: INVALID_ARGUMENT that names their fields. */
export async function checkUsersExist(facts: Facts, application: string, named: NamedUsers): Promise<void> {
  const users = await Promise.all(named.map(({ user }) => facts.user(application, user)));
  const violations = named.flatMap(({ field, user }, index): FieldViolation[] =>
    users[index] ? [] : [{ field, description: `'${user}' is no user of the application; create it first` }],
  );
  if (violations.length > 0) throw invalidFields(violations);
}
