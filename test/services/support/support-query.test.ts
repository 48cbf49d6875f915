import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ListSupportChatsRequest_View, ListSupportChatsRequestSchema } from "../../../gen/parley/v1/support_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import type { Principal } from "../../../services/auth/principal.ts";
import { queryOf } from "../../../services/support/support-query.ts";
import { failureOf } from "../../failure.ts";

const { UNSPECIFIED, OPEN, MINE, ALL } = ListSupportChatsRequest_View;
const application = "0123456789abcdefghjkmnpqrs";
const BACKEND: Principal = { kind: "application", application };
const KIM: Principal = {
  ...{ kind: "user", application, user: "kim", displayName: "Kim" },
  ...{ role: User_Role.AGENT, bot: false, session: undefined },
};

const requestOf = (view: ListSupportChatsRequest_View, agent: string) =>
  create(ListSupportChatsRequestSchema, { view, agent });

test.each([
  ["what waits, where nothing is said", UNSPECIFIED, "", KIM, { view: "open" }],
  ["what waits", OPEN, "", BACKEND, { view: "open" }],
  ["all", ALL, "", KIM, { view: "all" }],
  ["an agent's own", MINE, "", KIM, { view: "mine", agent: "kim" }],
  ["an agent's own, which it may name", MINE, "kim", KIM, { view: "mine", agent: "kim" }],
  ["those of the agent whom the backend names", MINE, "lee", BACKEND, { view: "mine", agent: "lee" }],
])("a list of sessions has %s", (_, view, agent, caller, query) => {
  expect(queryOf(requestOf(view, agent), caller)).toEqual(query);
});

test.each([
  ["names an agent beside another view", OPEN, "kim", KIM, "VIEW_MINE"],
  ["names an agent beside all", ALL, "kim", BACKEND, "VIEW_MINE"],
  ["names another agent, as an agent", MINE, "lee", KIM, "left empty"],
  ["names nobody, as the backend", MINE, "", BACKEND, "required"],
])("a list of sessions is refused that %s", async (_, view, agent, caller, told) => {
  const failure = await failureOf((async () => queryOf(requestOf(view, agent), caller))());
  expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["agent"] });
  expect(failure.message).toContain(told);
});
