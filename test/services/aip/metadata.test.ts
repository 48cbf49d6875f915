import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkMetadata, formatMetadata, parseMetadata } from "../../../services/aip/metadata.ts";
import { failureOf } from "../../failure.ts";

const check = async (metadata: Record<string, string>) => checkMetadata(metadata, "chat.metadata");

describe("metadata", () => {
  test("is stored and read back as it was", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: "grapheme" })), (metadata) => {
        expect(parseMetadata(formatMetadata(metadata))).toEqual({ ...metadata });
      }),
    );
  });

  test("that is empty takes no room", () => {
    expect(formatMetadata({})).toBeNull();
    expect(parseMetadata(null)).toEqual({});
  });

  test("may have 4,096 bytes of UTF-8, keys and values together", async () => {
    await check({ é: "a".repeat(4_094) });
    const failure = await failureOf(check({ é: "a".repeat(4_095) }));
    expect(failure).toMatchObject({ code: "InvalidArgument", fields: ["chat.metadata"] });
    expect(failure.message).toContain("4097 bytes");
  });

  test.each<Record<string, string>>([{ "a\0": "" }, { a: "\0" }])("cannot hold NUL: %j", async (metadata) => {
    expect(await failureOf(check(metadata))).toMatchObject({ code: "InvalidArgument", fields: ["chat.metadata"] });
  });
});
