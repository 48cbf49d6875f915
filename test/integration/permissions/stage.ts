import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { timestampFromMillis } from "../../../services/aip/timestamp.ts";
import { text } from "../../message-text.ts";
import type { ParleySession } from "../../parley-session.ts";
import { createPerson, type Person } from "../../person.ts";
import type { Tenant } from "../../tenant.ts";
import { type BadCredential, CAST, type Caller, type Part, type Place, type UserId } from "./cast.ts";
import { memberIn, REMOVED } from "./expected-access.ts";
import { signAnew, unsigned, withClaims } from "./forged-tokens.ts";
import type { PermissionCase } from "./permission-cases.ts";

/** In every text that only some may read: no error may have it. */
export const SECRET = "s3cret-of-the-stage";

const DAY_MS = 86_400_000;
const { GROUP, SUPPORT, OPEN } = Chat_Kind;

/** An application with users, chats and messages, of which each caller is something else. */
export type Stage = {
  tenant: Tenant;
  people: Record<UserId, Person>;
  chats: Record<Place, string>;
  messages: Record<Place, string>;
  /** An internal note in the support session. */
  note: string;
  foreign: { tenant: Tenant; user: Person };
  credentials: Record<BadCredential, string | undefined>;
};

/** Sets the stage. Its users are not limited in how often they call. */
export async function setStage(session: ParleySession): Promise<Stage> {
  const [tenant, other] = await Promise.all([createUnlimited(session), createUnlimited(session)]);
  const people = await createPeople(session, tenant);
  const chats = await createChats(tenant, people);
  const said = (place: "group" | "support" | "open", { messages }: Pick<Tenant, "messages">, internal = false) =>
    messages.createMessage({ parent: chats[place], message: { ...text(SECRET), internal } });
  const { name: group } = await said("group", people.member);
  const { name: support } = await said("support", people.customer);
  const { name: open } = await said("open", tenant);
  const { name: note } = await said("support", people.agent, true);
  const user = await createPerson(session, other, "member");
  await tenant.users.createUser({ parent: tenant.name, userId: REMOVED, user: {} });
  return {
    ...{ tenant, people, chats, note, foreign: { tenant: other, user } },
    messages: { group, support, open, absent: `${chats.absent}/messages/1` },
    credentials: await createCredentials(tenant, people.member),
  };
}

async function createUnlimited(session: ParleySession): Promise<Tenant> {
  const tenant = await session.createTenant();
  const rateLimits = { userMessagesPerMinute: 0, userMessagesPerDay: 0, userCallsPerMinute: 0, callsPerMinute: 0 };
  await session.admin.applications.updateApplication({ application: { name: tenant.name, rateLimits } });
  return tenant;
}

async function createPeople(session: ParleySession, tenant: Tenant): Promise<Record<UserId, Person>> {
  const parts = Object.entries<Part>(CAST);
  const made = parts.map(([id, { role }]) => createPerson(session, tenant, id, role === undefined ? {} : { role }));
  return Object.fromEntries((await Promise.all(made)).map((person) => [person.id, person])) as Record<UserId, Person>;
}

async function createChats(tenant: Tenant, people: Record<UserId, Person>): Promise<Record<Place, string>> {
  const parent = tenant.name;
  const title = SECRET;
  const members = ["member", "reader", "muted", "banned", "moderator"];
  const { name: group } = await people.owner.chats.createChat({ parent, chat: { kind: GROUP, title, members } });
  const { name: support } = await people.customer.chats.createChat({ parent, chat: { kind: SUPPORT, title } });
  const { name: open } = await tenant.chats.createChat({ parent, chat: { kind: OPEN, title } });
  const until = timestampFromMillis(Date.now() + DAY_MS);
  const { updateMember } = people.owner.members;
  await updateMember({ member: { name: `${group}/members/moderator`, role: Member_Role.ADMIN } });
  await updateMember({ member: { name: `${group}/members/muted`, muteExpireTime: until } });
  await updateMember({ member: { name: `${group}/members/banned`, banExpireTime: until } });
  return { group, support, open, absent: `${parent}/chats/999` };
}

async function createCredentials(tenant: Tenant, { name, token }: Person): Promise<Stage["credentials"]> {
  const { accessToken } = await tenant.auth.createUserTokens({ name, accessTokenTtl: { seconds: 1n } });
  return {
    none: undefined,
    "an unknown key": `parley_${"x".repeat(43)}`,
    "an expired token": accessToken,
    "a token signed by another key": await signAnew(token),
    "a token with alg none": unsigned(token),
    "a token with another audience": withClaims(token, { aud: `applications/${"0".repeat(26)}` }),
  };
}

/** What a case's call names. */
export function nameOf(each: PermissionCase, place: Place, caller: Caller, stage: Stage): string {
  const { target } = each;
  const { name } = stage.tenant;
  const user = caller.kind === "user" ? caller.user : "stranger";
  switch (target) {
    case "none":
    case "application":
      return name;
    case "own messages":
      return `${name}/chats/-`;
    case "self":
      return `${name}/users/${user}`;
    case "other user":
      return `${name}/users/${user === "reader" ? "member" : "reader"}`;
    case "chat":
      return stage.chats[place];
    case "message":
      return stage.messages[place];
    case "member":
      return `${stage.chats[place]}/members/${memberIn(place, each)}`;
  }
}
