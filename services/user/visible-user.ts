import { create, type DescMethod } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { type User, UserSchema } from "../../gen/parley/v1/user_pb.ts";
import { accessOf } from "../auth/access-policy.ts";
import { ALL } from "../auth/policy.ts";
import type { Standing } from "../auth/standing.ts";

/** What a caller is shown of a user: the fields that the access policy gives its relations for this reading method. */
export function visibleUser(user: User, { relations }: Standing, method: DescMethod): User {
  const access = accessOf(method);
  if (access === "public") throw new Error(`${method.name} is public: nobody's view of a user is known there`);
  const grants = relations.map((relation) => access[relation] ?? []);
  if (grants.includes(ALL)) return user;
  const shown = new Set(grants.flat());
  const from = reflect(UserSchema, user);
  const view = reflect(UserSchema, create(UserSchema));
  for (const field of from.fields) {
    if (shown.has(field.name) && from.isSet(field)) view.set(field, from.get(field));
  }
  return view.message as User;
}
