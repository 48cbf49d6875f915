import type { Attributes } from "sequelize";
import { type ChangeReaction, Refusal_Reason } from "../../gen/parley/queue/v1/record_pb.ts";
import type { MessageRow } from "../message/message-model.ts";
import { formatReactions, parseReactions, type StoredReaction } from "../message/stored-reactions.ts";

/** Different emoji under one message, at most. */
const MAX_EMOJI = 50;
/** Reactions to one message, of all users and emoji, at most. */
const MAX_REACTIONS = 1_000;

/** What comes of a reaction: the new reactions of the row, nothing, or why not. */
export type JudgedReaction = { reactions: string | null } | "unchanged" | Refusal_Reason;

/** Judges a reaction to a message that is neither a tombstone nor the system's. It does not touch the row. */
export function judgeReaction(
  { reactions: stored }: Pick<Attributes<MessageRow>, "reactions">,
  { emoji, user, remove }: Pick<ChangeReaction, "emoji" | "user" | "remove">,
): JudgedReaction {
  const reactions = parseReactions(stored);
  const known = reactions.find(([each]) => each === emoji);
  const isThere = known?.[1].includes(user) ?? false;
  if (isThere !== remove) return "unchanged";
  if (remove) return { reactions: formatReactions(without(reactions, emoji, user)) };
  const count = reactions.reduce((sum, [, users]) => sum + users.length, 0);
  if (count >= MAX_REACTIONS || (!known && reactions.length >= MAX_EMOJI)) return Refusal_Reason.FULL;
  if (known) known[1].push(user);
  else reactions.push([emoji, [user]]);
  return { reactions: formatReactions(reactions) };
}

function without(reactions: readonly StoredReaction[], emoji: string, user: string): StoredReaction[] {
  return reactions
    .map(([each, users]): StoredReaction => [each, each === emoji ? users.filter((one) => one !== user) : users])
    .filter(([, users]) => users.length > 0);
}
