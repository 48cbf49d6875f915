import type { SearchChanges, SearchDocument } from "./search-index.ts";

/** The upserts of changes that do not remove the same message, its chat or its application. */
export function survivingUpserts(changes: SearchChanges): SearchDocument[] {
  const applications = new Set(changes.removedApplications);
  const chats = new Set(changes.removedChats.map(chatKey));
  const messages = new Set(changes.removals.map(messageKey));
  return changes.upserts.filter(
    (upsert) =>
      !applications.has(upsert.application) && !chats.has(chatKey(upsert)) && !messages.has(messageKey(upsert)),
  );
}

/** Tells a chat from all others. */
export function chatKey({ application, chat }: { application: string; chat: number }): string {
  return `${application}/${chat}`;
}

/** Tells a message from all others. */
export function messageKey(message: { application: string; chat: number; number: number }): string {
  return `${chatKey(message)}/${message.number}`;
}
