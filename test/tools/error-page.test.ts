import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { formatErrorPage } from "../../tools/error-page.ts";

function imageWith(comment: string): Uint8Array {
  const value = [
    { name: "ERROR_REASON_UNSPECIFIED", number: 0 },
    { name: "ERROR_REASON_LOST", number: 1 },
  ];
  const location = [
    { path: [5, 0], leadingComments: " What went\n wrong.\n\n Read on.\n" },
    { path: [5, 0, 2, 1], leadingComments: comment },
  ];
  return toBinary(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, {
      file: [
        {
          name: "parley/v1/error_reason.proto",
          enumType: [{ name: "ErrorReason", value }],
          sourceCodeInfo: { location },
        },
      ],
    }),
  );
}

test("each reason is a row, under what is said of all", () => {
  const page = formatErrorPage(imageWith(" NOT_FOUND or ABORTED. It is a|b,\n and gone.\n"));
  expect(page).toContain("\nWhat went wrong.\n\nRead on.\n");
  expect(page).toContain("\n| `LOST` | NOT_FOUND or ABORTED | It is a\\|b, and gone. |\n");
  expect(page).not.toContain("UNSPECIFIED");
});

test("a comment without a code is refused", () => {
  expect(() => formatErrorPage(imageWith(" It is gone.\n"))).toThrow("ERROR_REASON_LOST");
});
