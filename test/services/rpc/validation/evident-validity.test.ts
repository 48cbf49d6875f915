import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CreateMessageRequestSchema, ListMessagesRequestSchema } from "../../../../gen/parley/v1/message_pb.ts";
import { PARLEY_SERVICES } from "../../../../services/parley-services.ts";
import { createEvidentValidity } from "../../../../services/rpc/validation/evident-validity.ts";

const CHAT = "applications/0123456789abcdefghjkmnpqrs/chats/12";
const matches = (pattern: string, text: string) => new RegExp(pattern, "u").test(text);
const isEvident = createEvidentValidity(matches);
const validator = createValidator({ regexMatch: matches });

const TEXTS = [
  ...["", " ", "a", "\0", "😀", "ab\0c", "no name", "6f2b8a54-3c1e-4d0a-9b57-0e8f1c2d3a4b"],
  ...["applications/0123456789abcdefghjkmnpqrs", CHAT, `${CHAT}/messages/7`, `${CHAT}/messages/07`],
  ...[63, 64, 65, 127, 128, 129, 200, 201].map((length) => "x".repeat(length)),
  ..."😀".repeat(65).match(/.{1,65}/gu)!,
  ...[20_000, 20_001].map((length) => "y".repeat(length)),
];
const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string());
const whole = fc.constantFrom(-2, -1, 0, 1, 2, 500, 501, 2_147_483_647);

function scalarArbitrary(scalar: ScalarType | undefined): fc.Arbitrary<unknown> {
  if (scalar === ScalarType.STRING) return text;
  if (scalar === ScalarType.BOOL) return fc.boolean();
  if (scalar === ScalarType.BYTES) return fc.uint8Array();
  return scalar === ScalarType.INT64 ? fc.bigInt({ min: -2n, max: 2n }) : whole;
}

function valueArbitrary({ scalar, enum: kind, message }: DescField): fc.Arbitrary<unknown> {
  if (message) return messageArbitrary(message);
  return kind ? fc.constantFrom(...kind.values.map(({ number }) => number), 99) : scalarArbitrary(scalar);
}

function fieldArbitrary(field: DescField): fc.Arbitrary<unknown> {
  const value = valueArbitrary(field);
  if (field.fieldKind === "list") return fc.array(value, { maxLength: 3 });
  return field.fieldKind === "map" ? fc.dictionary(text, value, { maxKeys: 3 }) : value;
}

/** Messages whose fields are often at the borders of what a rule lets in. */
function messageArbitrary(schema: DescMessage): fc.Arbitrary<Message> {
  const plain = schema.fields.filter(({ oneof }) => !oneof);
  const fields = fc.record(Object.fromEntries(plain.map((field) => [field.localName, fieldArbitrary(field)])), {
    requiredKeys: [],
  });
  const oneofs = schema.oneofs.map((oneof) =>
    fc
      .oneof(...oneof.fields.map((each) => fieldArbitrary(each).map((value) => ({ case: each.localName, value }))))
      .map((chosen) => [oneof.localName, chosen]),
  );
  return fc
    .tuple(fields, ...oneofs)
    .map(([own, ...chosen]) => create(schema, { ...own, ...Object.fromEntries(chosen) }));
}

const INPUTS = [...new Set(PARLEY_SERVICES.flatMap(({ methods }) => methods.map(({ input }) => input)))];

describe("what is evidently valid is valid", () => {
  test.each(INPUTS.map((input) => [input.name, input] as const))("%s", (_name, input) => {
    fc.assert(
      fc.property(messageArbitrary(input), (message) => {
        if (isEvident(input, message)) expect(validator.validate(input, message).kind).toBe("valid");
      }),
      { numRuns: 500 },
    );
  });
});

test("the usual request is evidently valid, and one that breaks a rule is not", () => {
  const of = (value: string) =>
    create(CreateMessageRequestSchema, {
      parent: CHAT,
      message: { content: { case: "body", value }, author: { user: "ada" }, metadata: { key: "value" } },
    });
  expect(isEvident(CreateMessageRequestSchema, of("Hello"))).toBe(true);
  expect(isEvident(CreateMessageRequestSchema, of(" "))).toBe(false);
  expect(isEvident(ListMessagesRequestSchema, create(ListMessagesRequestSchema, { parent: CHAT }))).toBe(true);
});

test("every request of the contract has rules that are known here", () => {
  for (const input of INPUTS) {
    const messages = fc.sample(messageArbitrary(input), { numRuns: 3_000, seed: 1 });
    const valid = messages.filter((message) => validator.validate(input, message).kind === "valid");
    if (valid.length > 0)
      expect(
        valid.some((message) => isEvident(input, message)),
        input.name,
      ).toBe(true);
  }
});
