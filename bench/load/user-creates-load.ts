import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { Services } from "../../test/tenant.ts";
import { CHATS, type CreatesLoad, type CreatesPlace, createChats, turnChats } from "./creates-load.ts";
import { AUTHOR, userRequest } from "./workload.ts";

/** Far above what a load sends, so that all are counted and none is met. */
const HIGH = 2_000_000_000;
const RATE_LIMITS = {
  ...{ userMessagesPerMinute: HIGH, userMessagesPerDay: HIGH },
  ...{ userCallsPerMinute: HIGH, callsPerMinute: HIGH },
};
/** The longest that an access token works; a case takes a few minutes. */
const TOKEN_TTL = durationFromMs(15 * 60_000);

/** The same by a user, with an access token, into groups of its own, where the limits of calls are in force. */
export async function openUserCreatesLoad(
  place: CreatesPlace & { admin: Services },
  chats = CHATS,
): Promise<CreatesLoad> {
  const { admin, tenant } = place;
  const application = { name: tenant.name, rateLimits: RATE_LIMITS };
  await admin.applications.updateApplication({ application, updateMask: { paths: ["rate_limits"] } });
  const { accessToken } = await tenant.auth.createUserTokens({
    ...{ name: `${tenant.name}/users/${AUTHOR.user}`, createUser: true, displayName: AUTHOR.displayName },
    accessTokenTtl: TOKEN_TTL,
  });
  const group = { kind: Chat_Kind.GROUP, creator: AUTHOR.user };
  const create = (title: string) => tenant.chats.createChat({ parent: tenant.name, chat: { ...group, title } });
  const parents = await createChats(tenant, chats, create);
  return turnChats(place, { key: accessToken, parents, createRequest: userRequest });
}
