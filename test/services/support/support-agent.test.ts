import { expect, test } from "vitest";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import type { Principal } from "../../../services/auth/principal.ts";
import type { UserFacts } from "../../../services/facts/facts.ts";
import { agentFor } from "../../../services/support/support-agent.ts";
import { failureOf } from "../../failure.ts";

const { USER, AGENT, ADMIN } = User_Role;
const application = "0123456789abcdefghjkmnpqrs";
const BACKEND: Principal = { kind: "application", application };
const profile = (user: string, role: User_Role) => ({ application, user, displayName: user, role, bot: false });
const KIM: Principal = { kind: "user", ...profile("kim", AGENT), session: undefined };

const USERS: Record<string, UserFacts> = Object.fromEntries(
  Object.entries({ ada: USER, kim: AGENT, max: ADMIN }).map(([user, role]) => [
    user,
    { ...profile(user, role), tokensFromMs: 0, endedSessions: [] },
  ]),
);
const facts = { user: (of: string, user: string) => (of === application ? USERS[user] : undefined) };

test.each([
  ["the agent who takes it", "", KIM, "kim"],
  ["nobody, where the backend gives it back", "", BACKEND, ""],
  ["another agent", "max", KIM, "max"],
  ["whom the backend names", "kim", BACKEND, "kim"],
])("a session is assigned to %s", async (_, given, caller, agent) => {
  expect(await agentFor(application, given, caller, facts)).toBe(agent);
});

test.each([
  ["a user who is no agent", "ada"],
  ["who does not exist", "gus"],
])("a session is not assigned to %s", async (_, given) => {
  const failure = await failureOf(agentFor(application, given, BACKEND, facts));
  expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["agent"] });
});
