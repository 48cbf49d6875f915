import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Capture, Route, Segment } from "../../transcode/index.ts";
import type { Components } from "../schema/components.ts";
import { describeField, withDescription } from "../schema/description.ts";
import { fieldSchema } from "../schema/field-schema.ts";
import { nameSegments, type ResourcePattern } from "./resource-pattern.ts";
import { splitPattern } from "./segment-pattern.ts";

/** A route's path in OpenAPI's form, where a parameter is one segment, and the parameters. */
export type ExpandedPath = { readonly path: string; readonly parameters: JsonObject[] };

/** Expands `/v1/{name=applications/*}` into `/v1/applications/{application}`. */
export function expandPath(route: Route, patterns: readonly ResourcePattern[], components: Components): ExpandedPath {
  const { template, captures } = route;
  const parts = template.segments.map((segment) => (segment.kind === "literal" ? segment.text : "{segment}"));
  const parameters: JsonObject[] = [];
  for (const capture of captures) {
    const start = capture.variable.start < 0 ? parts.length + capture.variable.start : capture.variable.start;
    for (const { index, name, ...parameter } of expandCapture(route, capture, patterns, components)) {
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
  route: Route,
  capture: Capture,
  patterns: readonly ResourcePattern[],
  components: Components,
): SegmentParameter[] {
  const { field } = capture.path;
  const segments = route.template.segments.slice(capture.variable.start, capture.variable.end);
  if (segments.length === 1) {
    const examples = [components.examples.capture(route, capture) ?? components.examples.value(field)];
    const comment = describeField(field, components.comments);
    const schema = { ...fieldSchema(field, components), examples };
    return [{ index: 0, name: field.jsonName, ...withDescription(comment), schema }];
  }
  const names = nameSegments(segments, patterns).map((name) => name ?? field.jsonName);
  return expandName(capture, segments, names, components, components.examples.capture(route, capture));
}

/** A parameter for each variable of a name of several segments. */
function expandName(
  { path }: Capture,
  segments: readonly Segment[],
  names: readonly string[],
  components: Components,
  example: JsonValue | undefined,
): SegmentParameter[] {
  const pieces = splitPattern(fieldSchema(path.field, components).pattern, segments);
  const values = typeof example === "string" ? example.split("/") : [];
  const form = segments.map((segment, index) => (segment.kind === "literal" ? segment.text : `{${names[index]}}`));
  return segments.flatMap((segment, index) => {
    if (segment.kind === "literal") return [];
    const piece = pieces?.[index];
    const name = names[index] ?? "";
    const description = `The \`${name}\` in \`${form.join("/")}\`, the request's \`${path.name}\`.`;
    const rule: JsonObject = piece === undefined ? { minLength: 1 } : { pattern: piece };
    const value = values.length === segments.length ? values[index]! : components.examples.variable(name);
    return [{ index, name, description, schema: { type: "string", ...rule, examples: [value] } }];
  });
}

/** The name, with a number where the path has it already. */
function chooseName(name: string, parts: readonly string[]): string {
  let free = name;
  for (let number = 2; parts.includes(`{${free}}`); number += 1) free = `${name}_${number}`;
  return free;
}
