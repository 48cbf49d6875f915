import { type DescField, getOption } from "@bufbuild/protobuf";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Violation } from "@bufbuild/protovalidate";
import { FieldRulesSchema, field as rulesOfField } from "../../../gen/buf/validate/validate_pb.ts";

const TOKEN = "with a token of 26 characters out of 0–9 and a–z";
const USER_ID = "1 to 128 characters out of A–Z, a–z, 0–9 and . _ ~ -";

/** What each pattern of the contract asks for. */
const PATTERNS: Readonly<Record<string, string>> = {
  "^applications/[0-9a-z]{26}$": `must have the form applications/{token}, ${TOKEN}`,
  "^applications/[0-9a-z]{26}/chats/[1-9][0-9]{0,9}$": `must have the form applications/{token}/chats/{number}, ${TOKEN}, and a number without leading zeros`,
  "^applications/[0-9a-z]{26}/chats/[1-9][0-9]{0,9}/messages/[1-9][0-9]{0,9}$": `must have the form applications/{token}/chats/{number}/messages/{number}, ${TOKEN}, and numbers without leading zeros`,
  "^applications/[0-9a-z]{26}/chats/(-|[1-9][0-9]{0,9})$": `must have the form applications/{token}/chats/{number}, ${TOKEN}, and a number without leading zeros, or - for all chats`,
  "^applications/[0-9a-z]{26}/chats/[1-9][0-9]{0,9}/members/[A-Za-z0-9._~-]{1,128}$": `must have the form applications/{token}/chats/{number}/members/{user}, ${TOKEN}, a number without leading zeros, and a user of ${USER_ID}`,
  "^applications/[0-9a-z]{26}/users/[A-Za-z0-9._~-]{1,128}$": `must have the form applications/{token}/users/{user}, ${TOKEN}, and a user of ${USER_ID}`,
  "^applications/[0-9a-z]{26}/tokenKeys/[0-9a-z]{26}$": `must have the form applications/{token}/tokenKeys/{id}, ${TOKEN}, and an id alike`,
  "^[A-Za-z0-9._~-]{1,128}$": `must be ${USER_ID}`,
  "[^\\p{Z}\\p{Cc}]": "must have a visible character",
  "^[^\\p{Z}\\p{Cc}]+$": "must have a character, and neither white space nor control characters",
  "^[^\\s@]{1,64}@[^\\s@]{1,253}$": "must be an e-mail address, as ada@example.com is",
  "^https?://[\\x21-\\x7e]+$":
    "must be a URL that begins with https:// or http://, of ASCII characters without white space",
};

/** What each rule of the contract asks for, by its name in protovalidate; undefined where that is not known. */
const RULES: Readonly<Record<string, (bound: string, field: DescField) => string | undefined>> = {
  required: () => "is required",
  "string.min_len": (bound) => (bound === "1" ? "must not be empty" : `must have at least ${bound} characters`),
  "string.max_len": (bound) => `must have at most ${bound} characters`,
  "string.pattern": (bound) => PATTERNS[bound],
  "string.not_contains": (bound) => `must not contain ${JSON.stringify(bound)}`,
  "string.uuid": () => "must be a UUID, as 6f2b8a54-3c1e-4d0a-9b57-0e8f1c2d3a4b is",
  "int32.gte": (bound) => `must be ${bound} or more`,
  "enum.defined_only": (_bound, { enum: kind }) =>
    kind && `must be one of ${kind.values.map(({ name }) => name).join(", ")}`,
  "repeated.min_items": (bound) => (bound === "1" ? "must not be empty" : `must have at least ${bound} items`),
  "repeated.max_items": (bound) => `must have at most ${bound} items`,
};

/**
 * A rule in words for people, as what its field must be. Undefined for a rule, or a pattern, that the contract does not have.
 *
 * @param ruleId protovalidate's name, as in `string.max_len`
 * @param bound the rule's value in the contract
 */
export function ruleInWords(ruleId: string, bound: unknown, field: DescField): string | undefined {
  return RULES[ruleId]?.(String(bound), field);
}

/** What a broken rule asks for; in protovalidate's words where there are none here. */
export function violationInWords({ ruleId, rule, field: path, message }: Violation): string {
  const field = path.findLast((step) => step.kind === "field");
  if (field === undefined) return message;
  const names = rule.flatMap((step) => (step.kind === "field" ? step.name : []));
  return ruleInWords(ruleId, boundOf(field, names), field) ?? message;
}

/** The value in a field's rules to which the names lead, as 128 for `map`, `keys`, `string`, `max_len`. */
function boundOf(field: DescField, names: readonly string[]): unknown {
  let value: unknown = reflect(FieldRulesSchema, getOption(field, rulesOfField));
  for (const name of names) {
    if (!isReflectMessage(value)) return undefined;
    const rule = value.fields.find((each) => each.name === name);
    value = rule && value.get(rule);
  }
  return value;
}
