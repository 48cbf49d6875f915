import type { DescMessage } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  CreateMessagesSchema,
  CreateRequestSchema,
  RecordSchema,
  WriteSchema,
} from "../../../gen/parley/queue/v1/record_pb.ts";
import {
  CREATE_MESSAGES_FIELDS,
  CREATE_REQUEST_FIELDS,
  RECORD_FIELDS,
  WRITE_FIELDS,
} from "../../../services/write-queue/record-fields.ts";

const numbersOf = ({ fields }: DescMessage) =>
  Object.fromEntries(fields.map(({ localName, number }) => [localName, number]));

test.each([
  [RecordSchema, RECORD_FIELDS],
  [WriteSchema, WRITE_FIELDS],
  [CreateMessagesSchema, CREATE_MESSAGES_FIELDS],
  [CreateRequestSchema, CREATE_REQUEST_FIELDS],
])("the fields of %s have the numbers of record.proto", (schema, fields) => {
  expect(fields).toEqual(numbersOf(schema));
});
