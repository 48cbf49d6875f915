import type { JsonObject } from "@bufbuild/protobuf";
import type { Segment } from "../transcode/routing/path-template.ts";
import type { Capture, Route } from "../transcode/routing/route.ts";
import type { Components } from "./components.ts";
import { describeField, withDescription } from "./description.ts";
import { fieldSchema } from "./field-schema.ts";
import { nameSegments, type ResourcePattern } from "./resource-pattern.ts";
import { splitPattern } from "./segment-pattern.ts";

/** A route's path in OpenAPI's form, where a parameter is one segment, and the parameters. */
export type ExpandedPath = { readonly path: string; readonly parameters: JsonObject[] };

/** Expands `/v1/{name=applications/*}` into `/v1/applications/{application}`. */
export function expandPath(
  { template, captures }: Route,
  patterns: readonly ResourcePattern[],
  components: Components,
): ExpandedPath {
  const parts = template.segments.map((segment) => (segment.kind === "literal" ? segment.text : "{segment}"));
  const parameters: JsonObject[] = [];
  for (const capture of captures) {
    const { start, end } = capture.variable;
    const segments = template.segments.slice(start, end);
    const found = expandCapture(capture, segments, patterns, components);
    for (const { index, name, ...parameter } of found) {
      const free = chooseName(name, parts);
      parts[start + index] = `{${free}}`;
      parameters.push({ name: free, in: "path", required: true, ...parameter });
    }
  }
  const verb = template.verb === "" ? "" : `:${template.verb}`;
  return { path: `/${parts.join("/")}${verb}`, parameters };
}

type SegmentParameter = { readonly index: number; readonly name: string; description?: string; schema: JsonObject };

function expandCapture(
  { variable, path }: Capture,
  segments: readonly Segment[],
  patterns: readonly ResourcePattern[],
  components: Components,
): SegmentParameter[] {
  const schema = fieldSchema(path.field, components);
  const comment = describeField(path.field, components.comments);
  if (variable.single || segments.length === 1) {
    return [{ index: 0, name: path.field.jsonName, ...withDescription(comment), schema }];
  }
  const names = nameSegments(segments, patterns).map((name) => name ?? path.field.jsonName);
  const pieces = splitPattern(schema.pattern, segments);
  const form = segments.map((segment, index) => (segment.kind === "literal" ? segment.text : `{${names[index]}}`));
  return segments.flatMap((segment, index) => {
    if (segment.kind === "literal") return [];
    const piece = pieces?.[index];
    const description = `The \`${names[index]}\` in \`${form.join("/")}\`, the request's \`${path.name}\`.`;
    const text: JsonObject = { type: "string", ...(piece === undefined ? { minLength: 1 } : { pattern: piece }) };
    return [{ index, name: names[index] ?? "", description, schema: text }];
  });
}

/** The name, with a number where the path has it already. */
function chooseName(name: string, parts: readonly string[]): string {
  let free = name;
  for (let number = 2; parts.includes(`{${free}}`); number += 1) free = `${name}_${number}`;
  return free;
}
