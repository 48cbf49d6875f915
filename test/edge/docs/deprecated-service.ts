import { create, createFileRegistry, type DescService, setExtension } from "@bufbuild/protobuf";
import {
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { http } from "../../../gen/google/api/annotations_pb.ts";
import { HttpRuleSchema } from "../../../gen/google/api/http_pb.ts";

const deprecated = true;

function field(name: string, number: number, type: FieldDescriptorProto_Type, typeName = "") {
  return {
    name,
    number,
    type,
    typeName,
    jsonName: name,
    label: FieldDescriptorProto_Label.OPTIONAL,
    options: create(FieldOptionsSchema, { deprecated: name.startsWith("old") }),
  };
}

function method(name: string, path: string) {
  const options = create(MethodOptionsSchema, { deprecated: name.startsWith("Old") });
  setExtension(options, http, create(HttpRuleSchema, { pattern: { case: "post", value: path }, body: "item" }));
  return { name, inputType: ".a.Request", outputType: ".a.Item", options };
}

const { STRING, MESSAGE, ENUM } = FieldDescriptorProto_Type;

const set = create(FileDescriptorSetSchema, {
  file: [
    {
      name: "a.proto",
      package: "a",
      syntax: "proto3",
      messageType: [
        {
          name: "Request",
          field: [field("item", 1, MESSAGE, ".a.Item"), field("old_filter", 2, STRING), field("filter", 3, STRING)],
        },
        {
          name: "Item",
          options: create(MessageOptionsSchema, { deprecated }),
          field: [field("old_title", 1, STRING), field("title", 2, STRING), field("kind", 3, ENUM, ".a.Kind")],
        },
      ],
      enumType: [
        {
          name: "Kind",
          options: create(EnumOptionsSchema, { deprecated }),
          value: [
            { name: "KIND_UNSPECIFIED", number: 0 },
            { name: "KIND_OLD", number: 1, options: create(EnumValueOptionsSchema, { deprecated }) },
          ],
        },
      ],
      service: [{ name: "ItemService", method: [method("OldCreate", "/v1/old"), method("Create", "/v1/items")] }],
    },
  ],
});

/** A service of which a method, a message, fields, an enum and a value of it are deprecated. */
export const DeprecatedService: DescService = createFileRegistry(set).getService("a.ItemService")!;
