import { type DescField, type DescMessage, type DescMethod, ScalarType } from "@bufbuild/protobuf";
import type { FieldPath } from "./field-path.ts";
import type { BodyBinding } from "./route.ts";

/** The `etag` of the resource that a method answers with (AIP-154). */
export function findAnswerEtag({ output, methodKind }: DescMethod, body: DescField | undefined): DescField | undefined {
  if (methodKind !== "unary" || body !== undefined) return undefined;
  return findEtag(output);
}

/**
 * The `etag` that a method that writes checks: in the request, or in the resource that is its body. Only where the path
 * names what it is of: a create has nothing to check yet.
 */
export function findRequestEtag(
  { input, methodKind }: DescMethod,
  httpMethod: string,
  body: BodyBinding,
  captures: readonly FieldPath[],
): FieldPath | undefined {
  if (methodKind !== "unary" || httpMethod === "GET") return undefined;
  const resource = body.kind === "field" && body.field.fieldKind === "message" ? body.field : undefined;
  for (const parents of [[], resource === undefined ? [] : [resource]]) {
    const field = findEtag(parents[0]?.message ?? input);
    const isNamed = captures.some((path) => path.parents[0] === parents[0]);
    if (field !== undefined && isNamed) {
      return { name: [...parents, field].map(({ name }) => name).join("."), parents, field };
    }
  }
  return undefined;
}

function findEtag(message: DescMessage): DescField | undefined {
  const { etag } = message.field;
  return etag?.fieldKind === "scalar" && etag.scalar === ScalarType.STRING ? etag : undefined;
}
