import { create, toBinary } from "@bufbuild/protobuf";
import { type Empty, EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { MarkReadSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import {
  type GetMemberRequest,
  type ListMembersRequest,
  ListMembersRequestSchema,
  type MarkReadRequest,
  type Member,
} from "../../gen/parley/v1/member_pb.ts";
import type { MemberService } from "../../gen/parley/v1/member_service_pb.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { parsePageToken } from "../aip/page-token.ts";
import {
  formatMemberName,
  parseChatName,
  parseMemberName,
  USER_ID_PATTERN,
  type UserName,
} from "../aip/resource-name.ts";
import { type Principal, principalOf, userActedFor } from "../auth/principal.ts";
import type { Facts } from "../facts/facts.ts";
import { userSeesNotes } from "../message/notes.ts";
import { notFound } from "../rpc/errors.ts";
import type { GroupCommit } from "../write-path/group-commit.ts";
import { addMembers, type ChangeMembersOptions, removeMember, updateMember } from "./change-members.ts";
import { checkIsMember } from "./existing-member.ts";

/** What the service works with. */
export type MemberServiceOptions = ChangeMembersOptions & { groups: GroupCommit; pageSizes: PageSizes };

/** MemberService, as in proto/parley/v1/member_service.proto. */
export function createMemberService(options: MemberServiceOptions): ServiceImpl<typeof MemberService> {
  return {
    addMembers: (request, context) => addMembers(options, request, context),
    getMember: (request, context) => getMember(options, request, context),
    listMembers: (request, context) => listMembers(options, request, context),
    updateMember: (request, context) => updateMember(options, request, context),
    removeMember: (request, context) => removeMember(options, request, context),
    markRead: (request, context) => markRead(options, request, context),
  };
}

async function getMember(
  { store, chats }: Pick<MemberServiceOptions, "store" | "chats">,
  { name }: GetMemberRequest,
  { signal }: HandlerContext,
): Promise<Member> {
  const key = parseMemberName(name, "name");
  const member = (await chats.findLatest(key, signal)) && (await store.find(key));
  if (!member) throw notFound(name);
  return member;
}

async function listMembers(
  { store, chats, pageSizes }: Pick<MemberServiceOptions, "store" | "chats" | "pageSizes">,
  request: ListMembersRequest,
  { signal }: HandlerContext,
): Promise<{ members: Member[]; nextPageToken: string }> {
  const chat = parseChatName(request.parent, "parent");
  const after = parsePageToken(ListMembersRequestSchema, request, USER_ID_PATTERN) ?? "";
  const size = coercePageSize(request.pageSize, pageSizes);
  if (!(await chats.findLatest(chat, signal))) throw notFound(request.parent);
  const members = await store.list(chat, { after, limit: size + 1 }, signal);
  const { page, nextPageToken } = cutPage(ListMembersRequestSchema, request, members, {
    size,
    cursorOf: ({ user }) => user,
  });
  return { members: page, nextPageToken };
}

async function markRead(
  { facts, groups }: Pick<MemberServiceOptions, "facts" | "groups">,
  { parent, number, user: named }: MarkReadRequest,
  { values }: HandlerContext,
): Promise<Empty> {
  const chat = parseChatName(parent, "parent");
  const principal = principalOf(values);
  const user = userActedFor(principal, named, "whose position moves");
  const name = formatMemberName({ ...chat, user });
  const known = await facts.chat(chat);
  if (!known) throw notFound(parent);
  await checkIsMember(facts, chat, user);
  const notes = known.kind === Chat_Kind.SUPPORT && (await readsNotes(facts, principal, { ...chat, user }));
  const value = create(MarkReadSchema, { name, number, notes });
  const write = toBinary(WriteSchema, create(WriteSchema, { kind: { case: "markRead", value } }));
  await groups.submit({ kind: "mutation", write, bytes: write.byteLength });
  return create(EmptySchema);
}

/** Whether the user for whom a call acts sees internal notes. */
async function readsNotes(facts: Pick<Facts, "user">, principal: Principal, { application, user }: UserName) {
  const reader = principal.kind === "user" ? principal : await facts.user(application, user);
  return reader !== undefined && userSeesNotes(reader);
}
