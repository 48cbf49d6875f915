import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescMessage,
  DescMethod,
  DescOneof,
  DescService,
} from "@bufbuild/protobuf";
import type { ProtoComments } from "./proto-comments.ts";

/** The comment of a type, service or method; "" where it has none. */
export function describe(desc: DescMessage | DescEnum | DescService | DescMethod, comments: ProtoComments): string {
  const name = desc.kind === "rpc" ? `${desc.parent.typeName}.${desc.name}` : desc.typeName;
  return comments.get(name) ?? "";
}

/** A field's comment, without the words that the schema says itself, and that of the oneof it is in. */
export function describeField(field: DescField, comments: ProtoComments): string {
  const own = comments.get(`${field.parent.typeName}.${field.name}`) ?? "";
  return joinParagraphs(own.replace(schemaWords, ""), describeOneof(field.oneof, comments));
}

/** The values that have comments or are deprecated, as a list. */
export function describeValues(
  values: readonly DescEnumValue[],
  comments: ProtoComments,
  nameOf: (value: DescEnumValue) => string,
): string {
  const lines = values.map((value) => {
    const comment = comments.get(`${value.parent.typeName}.${value.name}`) ?? "";
    const text = joinWords(comment, value.deprecated ? "Deprecated." : "");
    return text === "" ? "" : `- \`${nameOf(value)}\`: ${text}`;
  });
  return lines.filter((line) => line !== "").join("\n");
}

/** `description` where there is anything to say. */
export function withDescription(...paragraphs: readonly string[]): { description?: string } {
  const description = joinParagraphs(...paragraphs);
  return description === "" ? {} : { description };
}

const schemaWords = /^(Required|Optional|Output only|Identifier)\.\s+/;

function describeOneof(oneof: DescOneof | undefined, comments: ProtoComments): string {
  if (oneof === undefined) return "";
  const comment = (comments.get(`${oneof.parent.typeName}.${oneof.name}`) ?? "").replace(schemaWords, "");
  if (oneof.fields.length < 2) return comment;
  const names = oneof.fields.map((field) => `\`${field.jsonName}\``).join(", ");
  return joinParagraphs(comment, `At most one of ${names} can be set.`);
}

function joinWords(...texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join(" ");
}

function joinParagraphs(...paragraphs: readonly string[]): string {
  return paragraphs.filter((paragraph) => paragraph !== "").join("\n\n");
}
