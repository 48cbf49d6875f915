import { readFile } from "node:fs/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** The contract's files with their comments, as generated. */
export async function readDescriptorSet(): Promise<FileDescriptorSet> {
  const file = new URL("../../gen/descriptor-set.binpb", import.meta.url);
  return fromBinary(FileDescriptorSetSchema, await readFile(file));
}
