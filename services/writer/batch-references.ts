import type { ChangeMembers, CreateChat, CreateRequest, Mutation } from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import {
  formatChatName,
  formatMemberName,
  formatUserName,
  type MemberName,
  parseApplicationName,
  parseChatName,
  parseMemberName,
  parseMessageName,
  parseUserName,
  type UserName,
} from "../aip/resource-name.ts";
import type { CounterName } from "../numbering/numbering.ts";
import { collectionOf } from "../numbering/sql-numbering-source.ts";
import type { BatchReferences } from "./batch-rows.ts";
import type { WriteUnit } from "./write-unit.ts";

/** The key of a create's request in `create_requests`. */
export function requestNameOf(counter: CounterName, { principal, requestId }: CreateRequest) {
  return { application: counter.application, collection: collectionOf(counter), principal, requestId };
}

/** What the writes of a batch refer to, to be loaded at once. */
export function referencesOf(units: readonly WriteUnit[]): BatchReferences {
  const references: BatchReferences = {
    applications: [],
    chats: new Map(),
    messages: new Map(),
    users: new Map(),
    members: new Map(),
    owned: new Map(),
    erased: new Map(),
    requests: [],
    mutations: [],
  };
  for (const { kind } of units) {
    if (kind.case === "createChat") {
      const { application } = parseChatName(kind.value.chat!.name, "chat.name");
      references.applications.push({ application });
      for (const user of membersOf(kind.value)) addUser(references, { application, user });
      if (kind.value.request?.requestId) references.requests.push(requestNameOf({ application }, kind.value.request));
    } else if (kind.case === "createMessages") {
      const { application, chat, parent, request } = kind.value;
      if (!references.chats.has(parent)) references.chats.set(parent, { application, chat });
      if (request?.requestId) references.requests.push(requestNameOf({ application, chat }, request));
    } else if (kind.case === "markRead") {
      const name = parseMemberName(kind.value.name, "name");
      addMember(references, name);
      references.chats.set(formatChatName(name), name);
    } else if (kind.case === "mutation") {
      addMutation(references, kind.value);
    }
  }
  return references;
}

function addMutation(references: BatchReferences, { id, timeMs, kind }: Mutation): void {
  references.mutations.push(id);
  switch (kind.case) {
    case "updateMessage":
    case "deleteMessage":
    case "changeReaction": {
      const text = kind.case === "updateMessage" ? kind.value.message!.name : kind.value.name;
      const name = parseMessageName(text, "name");
      references.messages.set(text, name);
      references.chats.set(formatChatName(name), name);
      break;
    }
    case "updateChat":
    case "deleteChat": {
      const text = kind.case === "updateChat" ? kind.value.chat!.name : kind.value.name;
      const name = parseChatName(text, "name");
      references.chats.set(text, name);
      references.applications.push(name);
      break;
    }
    case "changeSupport": {
      const { name: text, actor, kind: change } = kind.value;
      const name = parseChatName(text, "name");
      references.chats.set(text, name);
      for (const user of [actor, change.case === "assign" ? change.value : ""]) {
        if (user !== "") addUser(references, { application: name.application, user });
      }
      break;
    }
    case "changeMembers":
      addMembersChange(references, kind.value);
      break;
    case "eraseUser":
      addErasure(references, kind.value.name, Number(timeMs));
      break;
    case "deleteApplication":
      references.applications.push(parseApplicationName(kind.value.name, "name"));
      break;
  }
}

function addUser(references: BatchReferences, name: UserName): void {
  references.users.set(formatUserName(name), name);
}

/** The first one of a user counts: another finds nothing. */
function addErasure(references: BatchReferences, name: string, timeMs: number): void {
  if (!references.erased.has(name)) references.erased.set(name, { ...parseUserName(name, "name"), timeMs });
}

function addMember(references: BatchReferences, name: MemberName): void {
  references.members.set(formatMemberName(name), name);
}

/** Ids of a new chat's first members; none in one that has none. */
function membersOf({ chat, members }: CreateChat): string[] {
  return chat!.kind === Chat_Kind.OPEN ? [] : [chat!.creator, ...members];
}

function addMembersChange(references: BatchReferences, { chat: text, actor, kind }: ChangeMembers): void {
  const chat = parseChatName(text, "chat");
  references.chats.set(text, chat);
  references.owned.set(text, chat);
  if (actor !== "") addMember(references, { ...chat, user: actor });
  if (kind.case === "update") addMember(references, parseMemberName(kind.value.member!.name, "member.name"));
  else if (kind.case === "remove") addMember(references, { ...chat, user: kind.value });
  else if (kind.case === "add") {
    for (const user of kind.value.users) {
      addMember(references, { ...chat, user });
      addUser(references, { application: chat.application, user });
    }
  }
}
