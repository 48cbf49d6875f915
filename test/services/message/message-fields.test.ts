import type { DescMessage } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  AuthorSchema,
  BatchCreateMessagesResponseSchema,
  ListMessagesResponseSchema,
  MessageSchema,
  ReactionSchema,
} from "../../../gen/parley/v1/message_pb.ts";
import {
  AUTHOR_FIELDS,
  MESSAGE_FIELDS,
  MESSAGE_LIST_FIELDS,
  REACTION_FIELDS,
  TIMESTAMP_FIELDS,
} from "../../../services/message/message-fields.ts";

const numbersOf = ({ fields }: DescMessage) =>
  Object.fromEntries(fields.map(({ localName, number }) => [localName, number]));

test.each([
  [MessageSchema, MESSAGE_FIELDS],
  [AuthorSchema, AUTHOR_FIELDS],
  [ReactionSchema, REACTION_FIELDS],
  [TimestampSchema, TIMESTAMP_FIELDS],
  [ListMessagesResponseSchema, MESSAGE_LIST_FIELDS],
])("the fields of %s have the numbers of the contract", (schema, fields) => {
  expect(fields).toEqual(numbersOf(schema));
});

test("both lists of messages have them in the same field", () => {
  expect(MESSAGE_LIST_FIELDS).toMatchObject(numbersOf(BatchCreateMessagesResponseSchema));
});
