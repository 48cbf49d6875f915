import { isFieldSet, type Message } from "@bufbuild/protobuf";
import {
  type EnumRules,
  type Int32Rules,
  type RepeatedRules,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
} from "../../../gen/buf/validate/validate_pb.ts";

/** Whether a value evidently keeps its rules; a false leaves it to who judges in full. */
export type Evidence = (value: unknown) => boolean;

/** Whether a text has what a pattern asks for. */
export type PatternMatcher = (pattern: string, text: string) => boolean;

/** The number of the options that hold protovalidate's rules: of messages and oneofs, as of fields. */
const RULES_NUMBER = 1159;

/** Whether a message, oneof or field has rules of its own. */
export function hasRules({ proto }: { proto: { options?: Message | undefined } }): boolean {
  return proto.options?.$unknown?.some(({ no }) => no === RULES_NUMBER) ?? false;
}

const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

/** Lengths count code points, of which a text has no more than UTF-16 units, and half as many at least. */
export function stringEvidence(rules: StringRules, matches: PatternMatcher): Evidence {
  const { minLen, pattern, notContains, wellKnown } = rules;
  const least = Number(minLen) * 2 - 1;
  const most = limitOf(isFieldSet(rules, StringRulesSchema.field.maxLen), rules.maxLen);
  return (value) => {
    const text = value as string;
    if (text.length < least || text.length > most) return false;
    if (notContains !== "" && text.includes(notContains)) return false;
    if (wellKnown.value && !UUID.test(text)) return false;
    return pattern === "" || matches(pattern, text);
  };
}

export function int32Evidence({ lessThan, greaterThan }: Int32Rules): Evidence {
  const most = lessThan.case === "lt" ? lessThan.value - 1 : (lessThan.value ?? Number.POSITIVE_INFINITY);
  const least = greaterThan.case === "gt" ? greaterThan.value + 1 : (greaterThan.value ?? Number.NEGATIVE_INFINITY);
  return (value) => (value as number) >= least && (value as number) <= most;
}

export function enumEvidence({ definedOnly }: EnumRules, defined: ReadonlySet<number>): Evidence {
  return (value) => !definedOnly || defined.has(value as number);
}

/** @param ofEach of the items' own rules */
export function repeatedEvidence(rules: RepeatedRules, ofEach: Evidence): Evidence {
  const least = Number(rules.minItems);
  const most = limitOf(isFieldSet(rules, RepeatedRulesSchema.field.maxItems), rules.maxItems);
  return (value) => {
    const items = value as unknown[];
    return items.length >= least && items.length <= most && items.every(ofEach);
  };
}

function limitOf(isSet: boolean, limit: bigint): number {
  return isSet ? Number(limit) : Number.POSITIVE_INFINITY;
}
