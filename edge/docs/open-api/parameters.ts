import type { DescField, DescMessage, JsonObject } from "@bufbuild/protobuf";
import type { Route } from "../../transcode/index.ts";
import type { Components } from "../schema/components.ts";
import { describeField, withDescription } from "../schema/description.ts";
import { isReadOnly, isRequired } from "../schema/field-behavior.ts";
import { fieldSchema } from "../schema/field-schema.ts";
import { textSchema, wellKnownSchema } from "../schema/well-known-schema.ts";

/** The query parameters of a route: the fields of the request that neither path nor body binds. */
export function queryParameters(route: Route, components: Components): JsonObject[] {
  if (route.body.kind === "request") return [];
  return findQueryFields(route, route.method.input, []).map((path) => queryParameter(route, path, components));
}

/** From the request's field to the one that the parameter sets. */
type QueryPath = readonly DescField[];

function findQueryFields(route: Route, message: DescMessage, parents: QueryPath): QueryPath[] {
  if (parents.some((parent) => parent.parent === message)) return [];
  return message.fields.flatMap((field) => {
    const path = [...parents, field];
    const name = path.map((part) => part.name).join(".");
    if (isReadOnly(field) || route.bound.some((bound) => `${name}.`.startsWith(`${bound}.`))) return [];
    if (field.fieldKind === "message" && wellKnownSchema(field.message) === undefined) {
      return findQueryFields(route, field.message, path);
    }
    return field.message === undefined || textSchema(field.message) !== undefined ? [path] : [];
  });
}

/** Only a parameter that must be there has an `example`: Swagger UI sends it, unless the reader takes it out. */
function queryParameter(route: Route, path: QueryPath, components: Components): JsonObject {
  const field = path.at(-1)!;
  const required = path.every(isRequired);
  const example = components.examples.query(route, path);
  const schema = fieldSchema(field, components);
  return {
    name: path.map((part) => part.jsonName).join("."),
    in: "query",
    ...withDescription(describeField(field, components.comments)),
    ...(required && { required: true }),
    ...(field.fieldKind === "map" && { style: "deepObject", explode: true }),
    ...(field.deprecated && { deprecated: true }),
    ...(required && example !== undefined && { example }),
    schema: required || example === undefined ? schema : { ...schema, examples: [example] },
  };
}

/** The headers that fill a field of the request. */
export function headerParameters(route: Route, components: Components): JsonObject[] {
  return route.headerFields.map(({ header, field }) => ({
    name: header.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()),
    in: "header",
    ...withDescription(
      describeField(field, components.comments),
      `Another way to give \`${field.jsonName}\`, which wins where both are given.`,
    ),
    schema: fieldSchema(field, components),
  }));
}
