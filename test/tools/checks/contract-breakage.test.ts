import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type DescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBreakage, RELEASED } from "../../../tools/checks/contract-breakage.ts";

describe("the contract against its last release", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-contract-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The released contract with a message of it changed. */
  async function changed(file: string, message: string, change: (descriptor: DescriptorProto) => void) {
    const image = fromBinary(FileDescriptorSetSchema, await readFile(RELEASED));
    const descriptor = image.file.find(({ name }) => name === file)!.messageType.find(({ name }) => name === message)!;
    change(descriptor);
    const path = join(folder, `${message}.binpb`);
    await writeFile(path, toBinary(FileDescriptorSetSchema, image));
    return path;
  }

  test("is compatible as it is", async () => {
    expect(await findBreakage()).toBe("");
  });

  test("breaks where a field is removed", async () => {
    const path = await changed("parley/v1/message.proto", "Author", (author) => {
      author.field = author.field.filter(({ name }) => name !== "display_name");
    });
    expect(await findBreakage(path)).toMatch(/field "2" with name "display_name" on message "Author"/);
  });

  test("breaks where a field of the queue's records gets another type", async () => {
    const path = await changed("parley/queue/v1/record.proto", "CreateRequest", (request) => {
      request.field.find(({ name }) => name === "request_id")!.type = 12;
    });
    expect(await findBreakage(path)).toMatch(/request_id.*changed type/);
  });

  test("may get more fields", async () => {
    const path = await changed("parley/v1/message.proto", "Author", (author) => {
      const [first] = author.field;
      author.field.push({ ...first!, name: "nickname", jsonName: "nickname", number: 100 });
    });
    expect(await findBreakage(path)).toBe("");
  });
});
