import { create } from "@bufbuild/protobuf";
import { type Empty, EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import {
  AddMembersSchema,
  type ChangeMembers,
  ChangeMembersSchema,
  type MembersChanged,
  UpdateMemberSchema,
} from "../../gen/parley/queue/v1/record_pb.ts";
import {
  type AddMembersRequest,
  type Member,
  Member_Role,
  type RemoveMemberRequest,
  type UpdateMemberRequest,
} from "../../gen/parley/v1/member_pb.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { type ChatName, formatChatName, parseChatName, parseMemberName } from "../aip/resource-name.ts";
import { actorOf, principalOf } from "../auth/principal.ts";
import type { ChatStore } from "../chat/chat-store.ts";
import type { Facts } from "../facts/facts.ts";
import { notFound } from "../rpc/errors.ts";
import { checkUsersExist } from "../user/existing-users.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { checkIsMember } from "./existing-member.ts";
import { checkKindAllows } from "./kind-rules.ts";
import type { MemberStore } from "./member-store.ts";

/** What changes of members work with. */
export type ChangeMembersOptions = {
  store: MemberStore;
  chats: ChatStore;
  facts: Facts;
  mutations: Mutations;
  /** How many members a chat may have. */
  membersMax: number;
};

/** AddMembers: those whom it names, also where they are members already. */
export async function addMembers(
  options: ChangeMembersOptions,
  { parent, users, role }: AddMembersRequest,
  context: HandlerContext,
): Promise<{ members: Member[] }> {
  const { store, facts, membersMax } = options;
  const chat = parseChatName(parent, "parent");
  const named = users.map((user, index) => ({ field: `users[${index}]`, user }));
  await checkUsersExist(facts, chat.application, named);
  const value = create(AddMembersSchema, { users, role, membersMax });
  const wanted = { chat, resource: parent, kind: { case: "add", value } } as const;
  const members =
    (await allMembers(options, chat, users, context.signal)) ??
    (await store.withProfiles(chat.application, (await change(options, wanted, context)).members));
  const byUser = new Map(members.map((member) => [member.user, member]));
  return { members: users.flatMap((user) => byUser.get(user) ?? []) };
}

/**
 * The members that users are already, if all are: to add them changes nothing, so no message number is given for it. A
 * backend may add a user each time it logs in.
 */
async function allMembers(
  { facts, chats, store }: Pick<ChangeMembersOptions, "facts" | "chats" | "store">,
  chat: ChatName,
  users: readonly string[],
  signal: AbortSignal,
): Promise<Member[] | undefined> {
  const known = await Promise.all(users.map((user) => facts.member(chat, user)));
  if (known.includes(undefined)) return undefined;
  if (!(await chats.findLatest(chat, signal))) return undefined;
  const members = await store.findAll(chat, users);
  return members.length === new Set(users).size ? members : undefined;
}

/** UpdateMember. */
export async function updateMember(
  options: ChangeMembersOptions,
  { member, updateMask }: UpdateMemberRequest,
  context: HandlerContext,
): Promise<Member> {
  const { name, role, muteExpireTime, banExpireTime } = member!;
  const { user, ...chat } = parseMemberName(name, "member.name");
  const fields = fieldsToUpdate(updateMask, {
    role: role !== Member_Role.UNSPECIFIED,
    mute_expire_time: muteExpireTime !== undefined,
    ban_expire_time: banExpireTime !== undefined,
  });
  await checkIsMember(options.facts, chat, user);
  const value = create(UpdateMemberSchema, { member: { name, role, muteExpireTime, banExpireTime }, fields });
  const { members } = await change(options, { chat, resource: name, kind: { case: "update", value } }, context);
  return (await options.store.withProfiles(chat.application, members))[0]!;
}

/** RemoveMember. */
export async function removeMember(
  options: ChangeMembersOptions,
  { name }: RemoveMemberRequest,
  context: HandlerContext,
): Promise<Empty> {
  const { user, ...chat } = parseMemberName(name, "name");
  await checkIsMember(options.facts, chat, user);
  await change(options, { chat, resource: name, kind: { case: "remove", value: user } }, context);
  return create(EmptySchema);
}

type MembersChange = { chat: ChatName; resource: string; kind: ChangeMembers["kind"] };

/** Has the writer judge a change, on behalf of who calls, and gives what came of it. */
async function change(
  { facts, mutations }: Pick<ChangeMembersOptions, "facts" | "mutations">,
  { chat, resource, kind }: MembersChange,
  { values, signal }: Pick<HandlerContext, "values" | "signal">,
): Promise<MembersChanged> {
  const actor = actorOf(principalOf(values));
  const name = formatChatName(chat);
  const known = await facts.chat(chat);
  if (!known) throw notFound(resource);
  checkKindAllows(chat, known, kind);
  const effect = await mutations.applyWithSystemMessage(
    (message) => ({ case: "changeMembers", value: create(ChangeMembersSchema, { chat: name, actor, message, kind }) }),
    resource,
    chat,
    signal,
  );
  return effect.value as MembersChanged;
}
