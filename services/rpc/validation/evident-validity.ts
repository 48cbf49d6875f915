import type { DescMessage, Message } from "@bufbuild/protobuf";
import { memoize } from "../memoize.ts";
import { fieldEvidence, NOTHING_TO_KEEP } from "./evident-field.ts";
import { type Evidence, hasRules, type PatternMatcher } from "./evident-rules.ts";

/** Whether a message evidently keeps the contract's rules. */
export type EvidentValidity = (schema: DescMessage, message: Message) => boolean;

/**
 * Checks that are made once a type. They are sure of a yes; a no may have another reason than a broken rule, as a kind of
 * rule that is unknown here, so that protovalidate has to judge. It follows the path to each field for what it may have to
 * tell, which was 15 % of a busy api's CPU time; these take 0.5 µs for a CreateMessageRequest where it takes 2.6.
 */
export function createEvidentValidity(matches: PatternMatcher): EvidentValidity {
  const evidenceOf = memoize((schema: DescMessage): readonly Evidence[] | undefined => {
    if ([schema, ...schema.oneofs].some(hasRules)) return undefined;
    const fields = schema.fields.map((field) => fieldEvidence(field, matches, isEvident));
    if (fields.includes(undefined)) return undefined;
    return fields.filter((evidence): evidence is Evidence => evidence !== NOTHING_TO_KEEP);
  });
  const isEvident = (schema: DescMessage, message: Message): boolean =>
    evidenceOf(schema)?.every((evidence) => evidence(message)) ?? false;
  return isEvident;
}
