import type { DescField, DescMessage, DescMethod } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { findAnswerEtag, findRequestEtag } from "./etag-field.ts";
import { type FieldPath, resolveFieldPath } from "./field-path.ts";
import { isHttpBody } from "./http-body.ts";
import type { Binding } from "./http-rule.ts";
import { takesStream } from "./method-kind.ts";
import { type PathTemplate, parsePathTemplate, type Variable } from "./path-template.ts";

/** A binding with everything resolved against the method's descriptors. */
export type Route = {
  readonly method: DescMethod;
  readonly httpMethod: string;
  readonly template: PathTemplate;
  readonly captures: readonly Capture[];
  readonly body: BodyBinding;
  /** The field of the response that is the answer; the whole response where undefined. */
  readonly responseBody: DescField | undefined;
  /** The answer is a google.api.HttpBody: bytes of any content type. */
  readonly rawAnswer: boolean;
  /** Proto names of the fields that the path or the body binds: the query cannot set them. */
  readonly bound: readonly string[];
  /** The FieldMask that takes the body's keys where it is unset: `update_mask` of a PATCH. */
  readonly mask: DescField | undefined;
  readonly headerFields: readonly HeaderField[];
  /** The field of the answer that says which state of a resource it shows. */
  readonly answerEtag: DescField | undefined;
  /** The field of the request that says which state of a resource it is for: what `If-Match` fills. */
  readonly requestEtag: FieldPath | undefined;
};

export type Capture = { readonly variable: Variable; readonly path: FieldPath };

/** What the body is: nothing, the request, or one field of it. `raw`: it is a google.api.HttpBody, of any content type. */
export type BodyBinding =
  | { readonly kind: "none" }
  | { readonly kind: "request"; readonly raw: boolean }
  | { readonly kind: "field"; readonly raw: boolean; readonly field: DescField };

/** A header that fills a field. `header` is in lower case. */
export type HeaderField = { readonly header: string; readonly field: DescField };

/**
 * Resolves one binding.
 *
 * @param headerFields header → name of the top-level request field that it fills, where the method has it
 * @throws Error what is wrong with the annotation, without the method's name
 */
export function createRoute(
  method: DescMethod,
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
  const body = resolveBody(method, binding.body);
  const responseBody = resolveResponseBody(method.output, binding.responseBody);
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
    responseBody,
    rawAnswer: isHttpBody(responseBody === undefined ? method.output : responseBody.message),
    bound,
    mask: binding.httpMethod === "PATCH" && body.kind === "field" ? findMask(method.input, body.field) : undefined,
    headerFields: resolveHeaders(method.input, headerFields, names),
    answerEtag: findAnswerEtag(method, responseBody),
    requestEtag: findRequestEtag(
      method,
      binding.httpMethod,
      body,
      captures.map(({ path }) => path),
    ),
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

function resolveBody(method: DescMethod, name: string): BodyBinding {
  const { input } = method;
  if (name === "*") return { kind: "request", raw: isHttpBody(input) };
  if (name !== "") {
    const field = topLevel(input, name, "body");
    return { kind: "field", raw: isHttpBody(field.message), field };
  }
  if (!takesStream(method)) return { kind: "none" };
  throw new Error("a stream of requests is a body, but the http option binds none");
}

function resolveResponseBody(output: DescMessage, name: string): DescField | undefined {
  return name === "" ? undefined : topLevel(output, name, "response_body");
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
