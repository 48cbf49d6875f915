import { create, toBinary } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  AddMembersSchema,
  type ChangeMembers,
  ChangeMembersSchema,
  MarkReadSchema,
  type MembersChanged,
  UpdateMemberSchema,
  WriteSchema,
} from "../../gen/parley/queue/v1/record_pb.ts";
import { ListMembersRequestSchema, type Member, Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { MemberService } from "../../gen/parley/v1/member_service_pb.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { parsePageToken } from "../aip/page-token.ts";
import {
  type ChatName,
  formatChatName,
  formatMemberName,
  parseChatName,
  parseMemberName,
  USER_ID_PATTERN,
} from "../aip/resource-name.ts";
import { actorOf, principalOf, userActedFor } from "../auth/principal.ts";
import type { ChatStore } from "../chat/chat-store.ts";
import type { Facts } from "../facts/facts.ts";
import { notFound } from "../rpc/errors.ts";
import type { GroupCommit } from "../write-path/group-commit.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { checkUsersExist } from "./existing-users.ts";
import { checkKindAllows } from "./kind-rules.ts";
import { memberFromRow } from "./member-codec.ts";
import type { MemberStore } from "./member-store.ts";

/** What the service works with. */
export type MemberServiceOptions = {
  store: MemberStore;
  chats: ChatStore;
  facts: Facts;
  groups: GroupCommit;
  mutations: Mutations;
  pageSizes: PageSizes;
  /** How many members a chat may have. */
  membersMax: number;
};

/** MemberService, as in proto/parley/v1/member_service.proto. */
export function createMemberService(options: MemberServiceOptions): ServiceImpl<typeof MemberService> {
  const { store, chats, facts, groups, pageSizes, membersMax } = options;
  return {
    async addMembers({ parent, users, role }, context) {
      const chat = parseChatName(parent, "parent");
      const named = users.map((user, index) => ({ field: `users[${index}]`, user }));
      await checkUsersExist(facts, chat.application, named);
      const value = create(AddMembersSchema, { users, role, membersMax });
      const wanted = { chat, resource: parent, kind: { case: "add", value } } as const;
      const members =
        (await allMembers(options, chat, users, context.signal)) ?? (await change(options, wanted, context)).members;
      const byUser = new Map(members.map((member) => [member.user, member]));
      return { members: users.flatMap((user) => byUser.get(user) ?? []) };
    },

    async getMember({ name }, { signal }) {
      const key = parseMemberName(name, "name");
      await chats.catchUp(signal);
      const [row, chat] = await Promise.all([store.find(key), chats.find(key)]);
      if (!row || !chat) throw notFound(name);
      return memberFromRow(row);
    },

    async listMembers(request, { signal }) {
      const chat = parseChatName(request.parent, "parent");
      const after = parsePageToken(ListMembersRequestSchema, request, USER_ID_PATTERN) ?? "";
      const size = coercePageSize(request.pageSize, pageSizes);
      await chats.catchUp(signal);
      if (!(await chats.find(chat))) throw notFound(request.parent);
      const rows = await store.list(chat, { after, limit: size + 1 }, signal);
      const { page, nextPageToken } = cutPage(ListMembersRequestSchema, request, rows, {
        size,
        cursorOf: ({ user }) => user,
      });
      return { members: page.map(memberFromRow), nextPageToken };
    },

    async updateMember({ member, updateMask }, context) {
      const { name, role, muteExpireTime, banExpireTime } = member!;
      const { user, ...chat } = parseMemberName(name, "member.name");
      const fields = fieldsToUpdate(updateMask, {
        role: role !== Member_Role.UNSPECIFIED,
        mute_expire_time: muteExpireTime !== undefined,
        ban_expire_time: banExpireTime !== undefined,
      });
      await checkIsMember(facts, chat, user);
      const value = create(UpdateMemberSchema, { member: { name, role, muteExpireTime, banExpireTime }, fields });
      const { members } = await change(options, { chat, resource: name, kind: { case: "update", value } }, context);
      return members[0]!;
    },

    async removeMember({ name }, context) {
      const { user, ...chat } = parseMemberName(name, "name");
      await checkIsMember(facts, chat, user);
      await change(options, { chat, resource: name, kind: { case: "remove", value: user } }, context);
      return create(EmptySchema);
    },

    async markRead({ parent, number, user: named }, { values }) {
      const chat = parseChatName(parent, "parent");
      const user = userActedFor(principalOf(values), named, "whose position moves");
      const name = formatMemberName({ ...chat, user });
      if (!(await facts.chat(chat))) throw notFound(parent);
      await checkIsMember(facts, chat, user);
      const value = create(MarkReadSchema, { name, number });
      const write = toBinary(WriteSchema, create(WriteSchema, { kind: { case: "markRead", value } }));
      await groups.submit({ kind: "mutation", write, bytes: write.byteLength });
      return create(EmptySchema);
    },
  };
}

/** NOT_FOUND where a user is no member, so that no message number is given for what the writer would refuse. */
async function checkIsMember(facts: Facts, chat: ChatName, user: string): Promise<void> {
  if (!(await facts.member(chat, user))) throw notFound(formatMemberName({ ...chat, user }));
}

/**
 * The members that users are already, if all are: to add them changes nothing, so no message number is given for it. A
 * backend may add a user each time it logs in.
 */
async function allMembers(
  { facts, chats, store }: MemberServiceOptions,
  chat: ChatName,
  users: readonly string[],
  signal: AbortSignal,
): Promise<Member[] | undefined> {
  const known = await Promise.all(users.map((user) => facts.member(chat, user)));
  if (known.includes(undefined)) return undefined;
  await chats.catchUp(signal);
  const [row, rows] = await Promise.all([chats.find(chat), store.findAll(chat, users)]);
  return row && rows.length === new Set(users).size ? rows.map(memberFromRow) : undefined;
}

type MembersChange = { chat: ChatName; resource: string; kind: ChangeMembers["kind"] };

/** Has the writer judge a change, on behalf of who calls, and gives what came of it. */
async function change(
  { facts, mutations }: MemberServiceOptions,
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
