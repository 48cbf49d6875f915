import { characterTokens, partTokens, unitTokens } from "./elasticsearch-text.ts";
import { foldText } from "./folded-text.ts";
import { chatKey, messageKey } from "./search-changes.ts";
import type { SearchDocument, SearchedMessage } from "./search-index.ts";

/** What is not a message is kept under this routing. */
const NO_CHAT = "-";

/** A document's address. All documents of a chat are on one shard. */
export type DocumentAddress = { _id: string; routing: string };

/** A write to the index; with a version it is dropped where the index has that version or a higher one. */
export type IndexWrite = { address: DocumentAddress; version?: number; document: object };

/** The document whose version is the position of its index. */
export const POSITION_ADDRESS: DocumentAddress = { _id: "position", routing: NO_CHAT };

/** Writes a message. */
export function upsertWrite(message: SearchDocument): IndexWrite {
  const body = foldText(message.body);
  const document = {
    chat: chatKey(message),
    number: message.number,
    author: message.author,
    internal: message.internal,
    create_time: message.createTimeMs,
    characters: characterTokens(body),
    parts: partTokens(body),
    units: unitTokens(body),
  };
  return { address: messageAddress(message), version: message.changeMark, document };
}

/**
 * Writes a tombstone in a message's place, which goes with its chat. Elasticsearch forgets the version of a deleted
 * document after a minute, and would then take an older change of it.
 */
export function removalWrite(message: SearchedMessage): IndexWrite {
  return {
    address: messageAddress(message),
    version: message.changeMark,
    document: { removed_from: chatKey(message) },
  };
}

/** Notes that a chat is gone, for whoever writes a message of it late. */
export function removedChatWrite(chat: { application: string; chat: number }): IndexWrite {
  return { address: removedChatAddress(chat), document: {} };
}

/** Notes that an application is gone. */
export function removedApplicationWrite(application: string): IndexWrite {
  return { address: removedApplicationAddress(application), document: {} };
}

/** Where it is noted that a chat is gone. */
export function removedChatAddress(chat: { application: string; chat: number }): DocumentAddress {
  return { _id: `removed/${chatKey(chat)}`, routing: NO_CHAT };
}

/** Where it is noted that an application is gone. */
export function removedApplicationAddress(application: string): DocumentAddress {
  return { _id: `removed/${application}`, routing: NO_CHAT };
}

function messageAddress(message: SearchedMessage): DocumentAddress {
  return { _id: messageKey(message), routing: chatKey(message) };
}
