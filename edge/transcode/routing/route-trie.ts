import { quote } from "../quoted.ts";
import { Refusal } from "../refusal.ts";
import type { PathTemplate, Segment } from "./path-template.ts";

/** Routes by path: a tree of segments whose ends hold verb → HTTP method → route. */
export type RouteTrie<Route> = {
  readonly literals: Map<string, RouteTrie<Route>>;
  one: RouteTrie<Route> | undefined;
  /** What follows a `**` that begins here. */
  rest: RouteTrie<Route> | undefined;
  /** Routes that end here. */
  readonly ends: Verbs<Route>;
  /** The longest way to an end, in segments. */
  height: number;
};

/** By verb ("" for none), then by HTTP method ("*" for any). */
type Verbs<Route> = Map<string, Map<string, Route>>;

/** A route and the path's raw segments, the verb taken off; or, for OPTIONS, the methods that the path has. */
export type Match<Route> =
  | { readonly kind: "route"; readonly route: Route; readonly segments: readonly string[] }
  | { readonly kind: "options"; readonly allow: string };

/** A tree without routes. */
export function createTrie<Route>(): RouteTrie<Route> {
  return { literals: new Map(), one: undefined, rest: undefined, ends: new Map(), height: 0 };
}

/** Adds a route, or returns the one that is already there for exactly the same paths and method. */
export function addRoute<Route>(
  trie: RouteTrie<Route>,
  template: PathTemplate,
  httpMethod: string,
  route: Route,
): Route | undefined {
  let node = trie;
  for (const [index, segment] of template.segments.entries()) {
    node.height = Math.max(node.height, template.segments.length - index);
    node = child(node, segment);
  }
  const verbs = node.ends;
  const methods = verbs.get(template.verb) ?? new Map<string, Route>();
  verbs.set(template.verb, methods);
  const present = methods.get(httpMethod);
  if (present === undefined) methods.set(httpMethod, route);
  return present;
}

function child<Route>(node: RouteTrie<Route>, segment: Segment): RouteTrie<Route> {
  if (segment.kind !== "literal") {
    node[segment.kind] ??= createTrie();
    return node[segment.kind]!;
  }
  const present = node.literals.get(segment.text);
  if (present !== undefined) return present;
  const made = createTrie<Route>();
  node.literals.set(segment.text, made);
  return made;
}

/**
 * Finds the route of a request by its raw path, without prefix and query, nothing decoded.
 *
 * A literal wins over `*`, and that over `**`, segment by segment; among the templates that match, the first that has
 * the method. What follows the last colon of the last segment is a verb. `*` matches no empty segment. HEAD falls to
 * GET, and a method bound as `*` takes what is left.
 *
 * @param hint where to look for the paths that there are; ends the message of noSuchPath
 * @throws Refusal noSuchPath; methodNotAllowed, with Allow
 */
export function lookup<Route>(trie: RouteTrie<Route>, httpMethod: string, path: string, hint = ""): Match<Route> {
  const { segments, verb } = splitPath(path);
  const candidates: Map<string, Route>[] = [];
  if (verb !== undefined) collect(trie, segments, 0, verb, candidates);
  if (candidates.length === 0) throw new Refusal("noSuchPath", `no method is bound to the path ${quote(path)}${hint}`);
  for (const methods of candidates) {
    const route = pick(methods, httpMethod);
    if (route !== undefined) return { kind: "route", route, segments };
  }
  const allow = allowed(candidates);
  if (httpMethod === "OPTIONS") return { kind: "options", allow };
  throw new Refusal("methodNotAllowed", `the path ${quote(path)} allows ${allow}, not ${httpMethod}`, { allow });
}

function splitPath(path: string): { segments: string[]; verb: string | undefined } {
  if (!path.startsWith("/")) return { segments: [], verb: undefined };
  const segments = path.slice(1).split("/");
  const last = segments.at(-1) ?? "";
  const colon = last.lastIndexOf(":");
  if (colon === -1) return { segments, verb: "" };
  segments[segments.length - 1] = last.slice(0, colon);
  return { segments, verb: last.slice(colon + 1) || undefined };
}

/**
 * A node's depth is fixed, from the path's start or, behind a `**`, from its end: so the depth of the templates bounds
 * the visits, not their number, and a `**` takes as few segments as it can.
 */
function collect<Route>(
  node: RouteTrie<Route>,
  segments: readonly string[],
  depth: number,
  verb: string,
  found: Map<string, Route>[],
): void {
  const segment = segments[depth];
  if (segment === undefined) {
    const end = node.ends.get(verb);
    if (end !== undefined) found.push(end);
  } else {
    const literal = node.literals.get(segment);
    if (literal !== undefined) collect(literal, segments, depth + 1, verb, found);
    if (segment !== "" && node.one !== undefined) collect(node.one, segments, depth + 1, verb, found);
  }
  if (node.rest === undefined) return;
  for (let next = Math.max(depth, segments.length - node.rest.height); next <= segments.length; next++) {
    collect(node.rest, segments, next, verb, found);
  }
}

function pick<Route>(methods: ReadonlyMap<string, Route>, httpMethod: string): Route | undefined {
  return methods.get(httpMethod) ?? (httpMethod === "HEAD" ? methods.get("GET") : undefined) ?? methods.get("*");
}

function allowed<Route>(candidates: readonly ReadonlyMap<string, Route>[]): string {
  const methods = new Set(candidates.flatMap((candidate) => [...candidate.keys()]));
  if (methods.has("GET")) methods.add("HEAD");
  methods.add("OPTIONS");
  return [...methods].sort().join(", ");
}
