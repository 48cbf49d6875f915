import type { DescField, DescMessage, DescMethodUnary } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { type FieldPath, resolveFieldPath } from "./field-path.ts";
import type { Binding } from "./http-rule.ts";
import { type PathTemplate, parsePathTemplate, type Variable } from "./path-template.ts";

/** A binding with everything resolved against the method's descriptors. */
export type Route = {
  readonly method: DescMethodUnary;
  readonly httpMethod: string;
  readonly template: PathTemplate;
  readonly captures: readonly Capture[];
  readonly body: BodyBinding;
  /** The field of the response that is the answer; the whole response where undefined. */
  readonly responseBody: DescField | undefined;
  /** Proto names of the fields that the path or the body binds: the query cannot set them. */
  readonly bound: readonly string[];
  /** The FieldMask that takes the body's keys where it is unset: `update_mask` of a PATCH. */
  readonly mask: DescField | undefined;
  readonly headerFields: readonly HeaderField[];
};

export type Capture = { readonly variable: Variable; readonly path: FieldPath };

/** What the body is: nothing, the request, or one field of it. */
export type BodyBinding =
  | { readonly kind: "none" }
  | { readonly kind: "request" }
  | { readonly kind: "field"; readonly field: DescField };

/** A header that fills a field. `header` is in lower case. */
export type HeaderField = { readonly header: string; readonly field: DescField };

/**
 * Resolves one binding.
 *
 * @param headerFields header → name of the top-level request field that it fills, where the method has it
 * @throws Error what is wrong with the annotation, without the method's name
 */
export function createRoute(
  method: DescMethodUnary,
  binding: Binding,
  headerFields: Readonly<Record<string, string>>,
): Route {
  if (binding.body !== "" && ["GET", "HEAD"].includes(binding.httpMethod)) {
    throw new Error(`${binding.httpMethod} has no body, but the http option binds one`);
  }
  const template = parsePathTemplate(binding.path);
  const captures = template.variables.map((variable) => resolveCapture(method.input, variable));
  const names = captures.map(({ path }) => path.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`the path captures ${twice} twice`);
  const body = resolveBody(method.input, binding.body);
  const bound = body.kind === "field" ? [body.field.name, ...names] : names;
  if (body.kind === "field" && names.includes(body.field.name)) {
    throw new Error(`${body.field.name} is bound by the path and by the body`);
  }
  return {
    method,
    httpMethod: binding.httpMethod,
    template,
    captures,
    body,
    responseBody: resolveResponseBody(method.output, binding.responseBody),
    bound,
    mask: binding.httpMethod === "PATCH" && body.kind === "field" ? findMask(method.input, body.field) : undefined,
    headerFields: resolveHeaders(method.input, headerFields, names),
  };
}

function resolveCapture(input: DescMessage, variable: Variable): Capture {
  const name = variable.fieldPath.join(".");
  const path = resolveFieldPath(input, variable.fieldPath);
  if (typeof path === "string") throw new Error(`the path captures ${name}: ${path}`);
  if (path.name !== name) throw new Error(`the path captures ${name}, whose proto name is ${path.name}`);
  if (!isScalar(path.field)) throw new Error(`the path captures ${name}, which is not a singular scalar or enum`);
  return { variable, path };
}

function resolveBody(input: DescMessage, name: string): BodyBinding {
  if (name === "") return { kind: "none" };
  if (name === "*") return refuseHttpBody(input, { kind: "request" });
  const field = topLevel(input, name, "body");
  return refuseHttpBody(field.message, { kind: "field", field });
}

function resolveResponseBody(output: DescMessage, name: string): DescField | undefined {
  if (name === "") return refuseHttpBody(output, undefined);
  const field = topLevel(output, name, "response_body");
  return refuseHttpBody(field.message, field);
}

function refuseHttpBody<T>(message: DescMessage | undefined, binding: T): T {
  if (message?.typeName !== "google.api.HttpBody") return binding;
  throw new Error("google.api.HttpBody is not supported");
}

function topLevel(message: DescMessage, name: string, option: string): DescField {
  const field = message.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${option} names ${name}, which ${message.typeName} does not have`);
  return field;
}

function findMask(input: DescMessage, body: DescField): DescField | undefined {
  return input.fields.find(
    (field) =>
      field.name === "update_mask" &&
      field.fieldKind === "message" &&
      field.message.typeName === FieldMaskSchema.typeName &&
      body.fieldKind === "message",
  );
}

function resolveHeaders(
  input: DescMessage,
  headerFields: Readonly<Record<string, string>>,
  captured: readonly string[],
): HeaderField[] {
  return Object.entries(headerFields).flatMap(([header, name]) => {
    const field = input.fields.find((candidate) => candidate.name === name);
    if (field === undefined || captured.includes(name)) return [];
    if (!isScalar(field)) throw new Error(`the header ${header} cannot fill ${name}, which is not a singular scalar`);
    return [{ header: header.toLowerCase(), field }];
  });
}

function isScalar(field: DescField): boolean {
  return field.fieldKind === "scalar" || field.fieldKind === "enum";
}
