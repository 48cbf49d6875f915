import type { Reaction } from "../../gen/parley/v1/message_pb.ts";

/** A reaction as a row's JSON has it: its emoji, and the ids of the users. */
export type StoredReaction = [emoji: string, users: string[]];

/** Reactions as a row has them: JSON, or null where there are none. */
export function formatReactions(reactions: readonly StoredReaction[]): string | null {
  return reactions.length === 0 ? null : JSON.stringify(reactions);
}

/** The inverse of formatReactions. */
export function parseReactions(stored: string | null): StoredReaction[] {
  return stored === null ? [] : JSON.parse(stored);
}

/** Reactions as they are answered. */
export function reactionsFromRow(stored: string | null): Reaction[] {
  return parseReactions(stored).map(([emoji, users]) => ({ $typeName: "parley.v1.Reaction", emoji, users }));
}
