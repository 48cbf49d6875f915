import { type DescFile, type DescMessage, type DescService, getOption } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { resource, resource_definition } from "../../../gen/google/api/resource_pb.ts";
import type { Segment } from "../../transcode/index.ts";

/** The pattern of a resource name, by segments: a literal, or a variable in braces. */
export type ResourcePattern = readonly string[];

/** A kind of resource (AIP-123). */
export type Resource = {
  /** As in `parley.dev/Chat`. */
  readonly type: string;
  /** Undefined where a file tells of a resource that has no message. */
  readonly message: DescMessage | undefined;
  readonly patterns: readonly ResourcePattern[];
};

/** All resources that the services' files, and the files that they import, define. */
export function readResources(services: readonly DescService[]): Resource[] {
  const files = new Set<DescFile>();
  for (const service of services) addFile(service.file, files);
  return [...files].flatMap((file) => [
    ...[...nestedTypes(file)].flatMap((type) => (type.kind === "message" ? messageResource(type) : [])),
    ...getOption(file, resource_definition).map(({ type, pattern }) => createResource(type, pattern, undefined)),
  ]);
}

function messageResource(message: DescMessage): Resource[] {
  const { type, pattern } = getOption(message, resource);
  return type === "" ? [] : [createResource(type, pattern, message)];
}

function createResource(type: string, patterns: readonly string[], message: DescMessage | undefined): Resource {
  return { type, message, patterns: patterns.map((pattern) => pattern.split("/")) };
}

function addFile(file: DescFile, files: Set<DescFile>): void {
  if (files.has(file)) return;
  files.add(file);
  for (const imported of file.dependencies) addFile(imported, files);
}

/**
 * What the variables among a path's segments are called: as in the resource pattern of that form, else after the
 * literal before them. Undefined for a literal, and for a variable that nothing names.
 */
export function nameSegments(
  segments: readonly Segment[],
  patterns: readonly ResourcePattern[],
): (string | undefined)[] {
  const pattern = patterns.find((candidate) => isOfForm(candidate, segments));
  return segments.map(({ kind }, index) => {
    if (kind === "literal") return undefined;
    const before = segments[index - 1];
    return pattern?.[index]?.slice(1, -1) ?? (before?.kind === "literal" ? singular(before.text) : undefined);
  });
}

function singular(collection: string): string {
  return collection.replace(/ies$/, "y").replace(/(?<=ss|sh|ch|x)es$|(?<!s)s$/, "");
}

function isOfForm(pattern: ResourcePattern, segments: readonly Segment[]): boolean {
  if (pattern.length !== segments.length || !segments.some(({ kind }) => kind === "literal")) return false;
  return segments.every((segment, index) => {
    const part = pattern[index] ?? "";
    return segment.kind === "literal" ? part === segment.text : /^\{\w+\}$/.test(part);
  });
}
