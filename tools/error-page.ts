import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const FILE = "parley/v1/error_reason.proto";
/** Field numbers in descriptor.proto, of which a path to a comment is made. */
const ENUMS_OF_FILE = 5;
const VALUES_OF_ENUM = 2;
/** `NOT_FOUND. The resource does not exist.`: the codes, and when they come. */
const COMMENT = /^([A-Z_]+(?: or [A-Z_]+)*)\. (.+)$/s;

/** The comment above what a path leads to, as one line a paragraph. */
function commentAt({ sourceCodeInfo }: FileDescriptorProto, path: readonly number[]): string {
  const location = sourceCodeInfo?.location.find((each) => each.path.join() === path.join());
  const paragraphs = (location?.leadingComments ?? "").split(/\n\s*\n/);
  return paragraphs.map((paragraph) => paragraph.replaceAll(/\s+/g, " ").trim()).join("\n\n");
}

/**
 * docs/errors.md, from the comments in error_reason.proto.
 *
 * @param image a FileDescriptorSet with source info
 * @throws where a value's comment does not begin with its code
 */
export function formatErrorPage(image: Uint8Array): string {
  const file = fromBinary(FileDescriptorSetSchema, image).file.find(({ name }) => name === FILE);
  const [reasons] = file?.enumType ?? [];
  if (!file || !reasons) throw new Error(`${FILE} is not in the image`);
  const rows = reasons.value.flatMap(({ name = "", number }, index) => {
    if (number === 0) return [];
    const [, codes, text] = COMMENT.exec(commentAt(file, [ENUMS_OF_FILE, 0, VALUES_OF_ENUM, index])) ?? [];
    if (!codes || !text) throw new Error(`the comment of ${name} does not begin with its code`);
    return `| \`${name.replace("ERROR_REASON_", "")}\` | ${codes} | ${text.replaceAll("|", "\\|")} |`;
  });
  return `# Errors

<!-- Generated from proto/parley/v1/error_reason.proto by \`npm run generate\`. -->

${commentAt(file, [ENUMS_OF_FILE, 0])}

| reason | code | when |
| --- | --- | --- |
${rows.join("\n")}
`;
}
