import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { fieldsToUpdate } from "../../../services/aip/field-mask.ts";
import { failureOf } from "../../failure.ts";

const mask = (...paths: string[]) => create(FieldMaskSchema, { paths });

describe("the fields to update", () => {
  test.each([
    ["those that are set, without a mask", undefined, ["body"]],
    ["those that are set, with an empty mask", mask(), ["body"]],
    ["all with *", mask("*"), ["body", "metadata"]],
    ["those of the mask, set or not", mask("metadata"), ["metadata"]],
    ["those of the mask once, in the order of the resource", mask("metadata", "body", "body"), ["body", "metadata"]],
  ])("are %s", (_title, updateMask, fields) => {
    expect(fieldsToUpdate(updateMask, { body: true, metadata: false })).toEqual(fields);
  });

  test.each([["number"], ["metadata.colour"], ["*", "body"], ["body", "toString"]])(
    "cannot be %j %j",
    async (...paths) => {
      const failure = await failureOf(
        (async () => fieldsToUpdate(mask(...paths.filter(Boolean)), { body: true, metadata: true }))(),
      );
      expect(failure).toMatchObject({ code: "InvalidArgument", fields: ["update_mask"] });
      expect(failure.message).toContain("body, metadata");
    },
  );
});
