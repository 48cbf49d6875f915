import {
  create,
  createRegistry,
  type DescField,
  type DescMessage,
  getOption,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { describe, expect, test } from "vitest";
import { FieldRulesSchema, field as rulesOfField } from "../../../../gen/buf/validate/validate_pb.ts";
import {
  BatchCreateMessagesRequestSchema,
  CreateMessageRequestSchema,
  ListMessagesRequestSchema,
} from "../../../../gen/parley/v1/message_pb.ts";
import { PARLEY_SERVICES } from "../../../../services/parley-services.ts";
import { ruleInWords, violationInWords } from "../../../../services/rpc/validation/rule-words.ts";

/** What a FieldRules says beside the rules of a type. */
const NO_RULE = "ignore";

type Rule = { place: string; id: string; bound: unknown; field: DescField };

/** The rules of a message of rules: of `string` its lengths and patterns, of `map` also those of keys and values. */
function rulesIn(rules: ReflectMessage, path: string, field: DescField): Rule[] {
  return rules.fields.flatMap((each): Rule[] => {
    if (!rules.isSet(each) || each.name === NO_RULE) return [];
    const value = rules.get(each);
    const isFieldRules = each.message?.typeName === FieldRulesSchema.typeName;
    if (each.message) return rulesIn(value as ReflectMessage, isFieldRules ? "" : `${each.name}.`, field);
    return [{ place: `${field.parent.typeName}.${field.name}`, id: path + each.name, bound: value, field }];
  });
}

/** The rules of all fields of the contract. */
function rulesOfContract(): Rule[] {
  const files = PARLEY_SERVICES.map(({ file }) => file);
  const messages = [...createRegistry(...files, ...files.flatMap(({ dependencies }) => dependencies))].filter(
    (type): type is DescMessage => type.kind === "message" && type.typeName.startsWith("parley.v1."),
  );
  return messages
    .flatMap(({ fields }) => fields)
    .flatMap((field) => rulesIn(reflect(FieldRulesSchema, getOption(field, rulesOfField)), "", field));
}

describe("the rules of the contract in words", () => {
  const rules = rulesOfContract();

  test("are found, those of keys of maps too", () => {
    const ids = new Set(rules.map(({ id }) => id));
    for (const id of ["required", "string.pattern", "string.uuid", "enum.defined_only"]) expect(ids).toContain(id);
    expect(rules).toContainEqual(
      expect.objectContaining({ place: "parley.v1.Message.metadata", id: "string.max_len" }),
    );
  });

  test.each(rules)("$place: $id", ({ id, bound, field }) => {
    expect(ruleInWords(id, bound, field)).toMatch(/^(must (be|have|not) |is required$)/);
    expect(ruleInWords(id, bound, field)).not.toMatch(/[[^$]|undefined/);
  });

  test("are undefined for a pattern that the contract does not have", () => {
    expect(ruleInWords("string.pattern", "^x$", rules[0]!.field)).toBeUndefined();
  });
});

describe("a broken rule", () => {
  const text = (value: string) => ({ content: { case: "body" as const, value } });

  function complaints<Desc extends DescMessage>(schema: Desc, request: MessageInitShape<Desc>): string[] {
    const { violations = [] } = createValidator().validate(schema, create(schema, request));
    return violations.map(violationInWords);
  }

  test("is told with its bound", () => {
    expect(complaints(CreateMessageRequestSchema, { requestId: "x" })).toEqual([
      "is required",
      "must be a UUID, as 6f2b8a54-3c1e-4d0a-9b57-0e8f1c2d3a4b is",
    ]);
    expect(complaints(CreateMessageRequestSchema, { message: text("x".repeat(20_001)) })).toEqual([
      "must have at most 20000 characters",
    ]);
    expect(complaints(CreateMessageRequestSchema, { message: text("x\0") })).toEqual(['must not contain "\\u0000"']);
    expect(complaints(BatchCreateMessagesRequestSchema, { parent: "x" })).toEqual([
      expect.stringMatching(/^must have the form applications\/\{token\}\/chats\/\{number\}, /),
      "must not be empty",
    ]);
    const list = { parent: `applications/${"0".repeat(26)}/chats/1`, pageSize: -1, order: 9 as never };
    expect(complaints(ListMessagesRequestSchema, list)).toEqual([
      "must be 0 or more",
      "must be one of ORDER_UNSPECIFIED, ORDER_NEWEST_FIRST, ORDER_OLDEST_FIRST",
    ]);
  });

  test("of a map's key has the key's bound", () => {
    const metadata = { ["k".repeat(129)]: "v" };
    expect(complaints(CreateMessageRequestSchema, { message: { ...text("x"), metadata } })).toEqual([
      "must have at most 128 characters",
    ]);
  });
});
