import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { quote } from "../quoted.ts";
import { malformed } from "../refusal.ts";
import { type FieldPath, openContainer, resolveFieldPath } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";
import type { BindOptions } from "./bind-request.ts";
import { decodeQueryPart } from "./request-target.ts";

/**
 * Sets the fields that a query names, `a.b=value` by proto or JSON names, `m[key]=value` for a map's entry; a list is
 * given item by item.
 *
 * @param query raw, without `?`
 * @throws Refusal malformedRequest: a parameter that is unknown (and not ignored), unfit, given twice, or bound by the
 *   path or body
 */
export function bindQuery(message: ReflectMessage, route: Route, query: string, options: BindOptions): void {
  const given = new Set<string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decodeQueryPart(equals === -1 ? pair : pair.slice(0, equals));
    const text = equals === -1 ? "" : decodeQueryPart(pair.slice(equals + 1));
    try {
      bindParameter(message, route, given, parseName(name), text, options);
    } catch (error) {
      throw malformed(`query parameter ${quote(name)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** `key` is what stands in brackets, for an entry of a map. */
type ParameterName = { readonly fields: readonly string[]; readonly key: string | undefined };

function parseName(name: string): ParameterName {
  const bracket = name.indexOf("[");
  if (bracket === -1) return { fields: name.split("."), key: undefined };
  if (!name.endsWith("]")) throw new Error('has a "[" but does not end in "]"');
  return { fields: name.slice(0, bracket).split("."), key: name.slice(bracket + 1, -1) };
}

function bindParameter(
  message: ReflectMessage,
  route: Route,
  given: Set<string>,
  { fields, key }: ParameterName,
  text: string,
  { readers, unknownParameters }: BindOptions,
): void {
  const path = resolveFieldPath(message.desc, fields);
  if (typeof path === "string" && unknownParameters === "ignore") return;
  if (typeof path === "string") throw new Error(path);
  refuseBound(route, path);
  const { name, parents, field } = path;
  if (key !== undefined && field.fieldKind !== "map") throw new Error("is not a map, and has no keys");
  if (field.fieldKind !== "list" && field.fieldKind !== "map") refuseTwice(given, name);
  const container = openContainer(message, parents);
  readers.writeText(container.message, field, text, key);
}

function refuseBound(route: Route, { name }: FieldPath): void {
  if (route.body.kind === "request") throw new Error("the body is the whole request, there are no query parameters");
  const bound = route.bound.find((other) => `${name}.`.startsWith(`${other}.`));
  if (bound !== undefined) throw new Error(`${bound} is bound by the path or the body`);
}

/** A list is given item by item, and of a map's keys the readers judge. */
function refuseTwice(given: Set<string>, name: string): void {
  if (given.has(name)) throw new Error("is given twice");
  given.add(name);
}
