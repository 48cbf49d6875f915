import type { FileDescriptorProto, FileDescriptorSet } from "@bufbuild/protobuf/wkt";

/**
 * The leading comments of declarations, by full name: `parley.v1.Chat`, `parley.v1.Chat.title`,
 * `parley.v1.ChatService.GetChat`, `parley.v1.Chat.Kind.KIND_OPEN`. As Markdown, a paragraph a line.
 */
export type ProtoComments = ReadonlyMap<string, string>;

/** Reads the comments out of files that carry source info; those without it have none. */
export function readComments(set: FileDescriptorSet): ProtoComments {
  return new Map(set.file.flatMap(readFileComments));
}

function readFileComments(file: FileDescriptorProto): [name: string, comment: string][] {
  return (file.sourceCodeInfo?.location ?? []).flatMap(({ path, leadingComments }): [string, string][] => {
    const comment = unwrap(leadingComments);
    const name = comment === "" ? undefined : findName(file, path);
    return name === undefined ? [] : [[name, comment]];
  });
}

/** Lines that the proto file wraps become one again; blank lines and list items still begin anew. */
function unwrap(comment: string): string {
  return comment
    .replaceAll(/^ /gm, "")
    .trim()
    .replaceAll(/([^\n])\n(?![\n*-])/g, "$1 ");
}

/** Fields of descriptor.proto that hold declarations, by the kind of their parent and field number. */
const children: Readonly<Record<string, Readonly<Record<number, readonly [list: string, kind: string]>>>> = {
  file: { 4: ["messageType", "message"], 5: ["enumType", "enum"], 6: ["service", "service"] },
  message: {
    2: ["field", "field"],
    3: ["nestedType", "message"],
    4: ["enumType", "enum"],
    8: ["oneofDecl", "oneof"],
  },
  enum: { 2: ["value", "value"] },
  service: { 2: ["method", "method"] },
};

type Declaration = { readonly name: string };

/** The full name of what a location's path leads to, or undefined where that is no declaration. */
function findName(file: FileDescriptorProto, path: readonly number[]): string | undefined {
  const names = [file.package];
  let parent: object = file;
  let kind = "file";
  for (let at = 0; at < path.length; at += 2) {
    const [list, childKind] = children[kind]?.[path[at] ?? 0] ?? [];
    const declarations = list === undefined ? [] : (parent as Record<string, readonly Declaration[]>)[list];
    const declaration = declarations?.[path[at + 1] ?? -1];
    if (declaration === undefined || childKind === undefined) return undefined;
    names.push(declaration.name);
    parent = declaration;
    kind = childKind;
  }
  return names.filter((name) => name !== "").join(".");
}
