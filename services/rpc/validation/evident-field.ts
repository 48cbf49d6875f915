import { type DescField, type DescMessage, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { type FieldRules, field as fieldRules, Ignore, MapRulesSchema } from "../../../gen/buf/validate/validate_pb.ts";
import {
  type Evidence,
  enumEvidence,
  hasRules,
  int32Evidence,
  type PatternMatcher,
  repeatedEvidence,
  stringEvidence,
} from "./evident-rules.ts";
import type { EvidentValidity } from "./evident-validity.ts";

/** Of what has no rules. */
export const NOTHING_TO_KEEP: Evidence = () => true;

/** What can be seen of a field in its message; undefined where it has rules that are unknown here. */
export function fieldEvidence(
  field: DescField,
  matches: PatternMatcher,
  isEvident: EvidentValidity,
): Evidence | undefined {
  const rules = getOption(field, fieldRules);
  if (rules.ignore === Ignore.ALWAYS) return NOTHING_TO_KEEP;
  const own = rulesEvidence(rules, field, matches);
  if (own === undefined || field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) return undefined;
  const inner = innerEvidence(field, isEvident);
  if (own === NOTHING_TO_KEEP && inner === NOTHING_TO_KEEP && !rules.required) return NOTHING_TO_KEEP;
  const read = readerOf(field);
  const mayBeZero = rules.ignore !== Ignore.IF_ZERO_VALUE && !rules.required;
  return (message) => {
    const value = read(message as Record<string, unknown>);
    if (value === undefined || (!mayBeZero && isZero(value))) return !rules.required;
    return own(value) && inner(value);
  };
}

/** Of a field's own rules, or of those of a list's items or a map's keys or values. */
function rulesEvidence(rules: FieldRules, field: DescField, matches: PatternMatcher): Evidence | undefined {
  const { value: kept, case: kind } = rules.type;
  if (rules.$unknown?.length || kept?.$unknown?.length) return undefined;
  if (kind === undefined) return NOTHING_TO_KEEP;
  if (kind === "string") return stringEvidence(kept, matches);
  if (kind === "int32") return int32Evidence(kept);
  if (kind === "repeated") {
    const each = kept.items ? rulesEvidence(kept.items, field, matches) : NOTHING_TO_KEEP;
    return each && !kept.items?.ignore ? repeatedEvidence(kept, each) : undefined;
  }
  if (kind === "enum") return enumEvidence(kept, new Set(field.enum?.values.map(({ number }) => number)));
  const { keys, values, maxPairs } = kept;
  const keyEvidence = keys ? rulesEvidence(keys, field, matches) : NOTHING_TO_KEEP;
  const valueEvidence = values ? rulesEvidence(values, field, matches) : NOTHING_TO_KEEP;
  if (keyEvidence === undefined || valueEvidence === undefined || keys?.ignore || values?.ignore) return undefined;
  const most = isFieldSet(kept, MapRulesSchema.field.maxPairs) ? Number(maxPairs) : Number.POSITIVE_INFINITY;
  return (map) => {
    const entries = Object.entries(map as object);
    return entries.length <= most && entries.every(([key, value]) => keyEvidence(key) && valueEvidence(value));
  };
}

/** Of the messages in a field. */
function innerEvidence({ fieldKind, message: schema }: DescField, isEvident: EvidentValidity): Evidence {
  if (schema === undefined || isFree(schema)) return NOTHING_TO_KEEP;
  if (fieldKind === "message") return (value) => isEvident(schema, value as Message);
  return (value) => Object.values(value as object).every((each) => isEvident(schema, each));
}

/** Whether no message of a type can break a rule, whatever is in it: as a Timestamp. */
function isFree(schema: DescMessage, inside: readonly DescMessage[] = []): boolean {
  if (hasRules(schema) || schema.oneofs.some(hasRules)) return false;
  return schema.fields.every((field) => {
    const { message, presence } = field;
    if (hasRules(field) || presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) return false;
    return message === undefined || inside.includes(message) || isFree(message, [...inside, schema]);
  });
}

/** Undefined where the field is known not to be set. */
function readerOf({ oneof, localName }: DescField): (message: Record<string, unknown>) => unknown {
  if (oneof === undefined) return (message) => message[localName];
  return (message) => {
    const chosen = message[oneof.localName] as { case?: string; value?: unknown };
    return chosen.case === localName ? chosen.value : undefined;
  };
}

function isZero(value: unknown): boolean {
  if (typeof value === "object") return Object.keys(value as object).length === 0;
  return !value;
}
