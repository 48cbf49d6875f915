import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type User, User_Role, UserSchema } from "../../../gen/parley/v1/user_pb.ts";
import { UserService } from "../../../gen/parley/v1/user_service_pb.ts";
import { timestampFromMillis } from "../../../services/aip/timestamp.ts";
import type { Relation } from "../../../services/auth/standing.ts";
import { visibleUser } from "../../../services/user/visible-user.ts";

const time = timestampFromMillis(1_000);
const profile = {
  name: "applications/a/users/ann",
  displayName: "Ann",
  avatarUrl: "https://a.example/ann.png",
  role: User_Role.AGENT,
  bot: true,
};
const user = create(UserSchema, {
  ...profile,
  ...{ metadata: { key: "value" }, email: "ann@example.com", etag: "1-a" },
  ...{ activateTime: time, createTime: time, updateTime: time },
});
const view = (relations: Relation[], method: keyof typeof UserService.method): User =>
  visibleUser(user, { relations }, UserService.method[method]);

test.each([["admin"], ["backend"], ["manager"], ["self"], ["user", "self"]] as Relation[][])(
  "%s sees all of a user",
  (...relations) => expect(view(relations, "getUser")).toEqual(user),
);

test.each([
  [["user"], "getUser"],
  [["user", "agent"], "getUser"],
  [["agent"], "listUsers"],
] as [Relation[], "getUser" | "listUsers"][])("%j sees the public profile by %s", (relations, method) => {
  expect(view(relations, method)).toEqual(create(UserSchema, profile));
});
