import { type DescField, type DescMessage, type DescMethod, ScalarType } from "@bufbuild/protobuf";
import type { FieldPath } from "./field-path.ts";
import type { BodyBinding } from "./route.ts";

/** The `etag` of the resource that a method answers with (AIP-154). */
export function findAnswerEtag({ output, methodKind }: DescMethod, body: DescField | undefined): DescField | undefined {
  if (methodKind !== "unary" || body !== undefined) return undefined;
  return findEtag(output);
}

/** The `etag` that a method that writes checks: in the request, or in the resource that is its body. */
export function findRequestEtag(
  { input, methodKind }: DescMethod,
  httpMethod: string,
  body: BodyBinding,
): FieldPath | undefined {
  if (methodKind !== "unary" || httpMethod === "GET") return undefined;
  const own = findEtag(input);
  if (own !== undefined) return { name: own.name, parents: [], field: own };
  if (body.kind !== "field" || body.field.fieldKind !== "message") return undefined;
  const field = findEtag(body.field.message);
  return field && { name: `${body.field.name}.${field.name}`, parents: [body.field], field };
}

function findEtag(message: DescMessage): DescField | undefined {
  const { etag } = message.field;
  return etag?.fieldKind === "scalar" && etag.scalar === ScalarType.STRING ? etag : undefined;
}
