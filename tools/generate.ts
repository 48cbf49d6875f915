import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { runCommand } from "./command.ts";
import { formatErrorPage } from "./error-page.ts";

/** Everything that is generated from the protos and the access policy, and committed. */
export const GENERATED = [
  ...["gen", "test/edge/transcode/gen", "test/services/rpc/gen"],
  ...["docs/errors.md", "docs/permissions.md"],
] as const;

const KITCHEN = "test/edge/transcode/proto";

/** Parameters of `buf generate`: one line a template. */
const TEMPLATES = [
  ["--template", "buf.gen.yaml"],
  ["--template", "test/services/rpc/buf.gen.yaml"],
  [
    ".",
    ...["--config", `${KITCHEN}/buf.yaml`],
    ...["--template", `${KITCHEN}/buf.gen.yaml`],
    ...["--path", `${KITCHEN}/kitchen`],
    ...["--path", "node_modules/google-proto-files/google/api/httpbody.proto"],
  ],
];

/** The contract, with the files that it imports, and that of the details of errors, which no method has. */
const CONTRACT = [
  ".",
  ...["--path", "proto/parley/v1"],
  ...["--path", "node_modules/google-proto-files/google/rpc/error_details.proto"],
];

async function buf(...parameters: string[]): Promise<Buffer> {
  const { code, stdout, output } = await runCommand("buf", parameters);
  if (code !== 0) throw new Error(`buf ${parameters.join(" ")}: exit code ${code}\n${output}`);
  return stdout;
}

/** Generates all of GENERATED under a folder. Throws with buf's output where it fails. */
export async function generate(folder: string): Promise<void> {
  for (const template of TEMPLATES) await buf("generate", ...template, "--output", folder);
  // With the comments, which generated code does not have; after the templates, which clear their folders.
  const image = await buf("build", ...CONTRACT, "--as-file-descriptor-set", "--output", "-#format=binpb");
  const descriptors = withoutForeignComments(image);
  await write(join(folder, "gen/descriptor-set.binpb"), descriptors);
  await write(join(folder, "docs/errors.md"), formatErrorPage(descriptors));
  // The policy speaks of the code generated above.
  const { formatPermissionPage } = await import("./permission-page.ts");
  await write(join(folder, "docs/permissions.md"), formatPermissionPage());
}

/** Of a FileDescriptorSet; the comments of others' files are three times as long as the contract with its own. */
function withoutForeignComments(image: Uint8Array): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, image);
  for (const file of set.file) if (!file.name.startsWith("parley/")) delete file.sourceCodeInfo;
  return toBinary(FileDescriptorSetSchema, set);
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

if (import.meta.main) await generate(".");
