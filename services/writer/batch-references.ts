import type { CreateRequest, Mutation } from "../../gen/parley/queue/v1/record_pb.ts";
import {
  formatChatName,
  formatUserName,
  parseApplicationName,
  parseChatName,
  parseMessageName,
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
    requests: [],
    mutations: [],
  };
  for (const { kind } of units) {
    if (kind.case === "createChat") {
      const { application } = parseChatName(kind.value.chat!.name, "chat.name");
      references.applications.push({ application });
      if (kind.value.request?.requestId) references.requests.push(requestNameOf({ application }, kind.value.request));
    } else if (kind.case === "createMessages") {
      const { application, chat, parent, request } = kind.value;
      if (!references.chats.has(parent)) references.chats.set(parent, { application, chat });
      if (request?.requestId) references.requests.push(requestNameOf({ application, chat }, request));
    } else if (kind.case === "mutation") {
      addMutation(references, kind.value);
    }
  }
  return references;
}

function addMutation(references: BatchReferences, { id, kind }: Mutation): void {
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
    case "deleteApplication":
      references.applications.push(parseApplicationName(kind.value.name, "name"));
      break;
  }
}

function addUser(references: BatchReferences, name: UserName): void {
  references.users.set(formatUserName(name), name);
}
