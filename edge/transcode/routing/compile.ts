import { METHODS } from "node:http";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type Binding, readBindings } from "./http-rule.ts";
import { createRoute, type Route } from "./route.ts";
import { addRoute, createTrie, type RouteTrie } from "./route-trie.ts";

/**
 * Turns the services' annotations into routes. Methods without one are skipped.
 *
 * @param headerFields header → top-level request field that it fills, where a method has it
 * @throws Error a line for each annotation that is wrong, with the method's name, or with both where two match the same
 */
export function compile(
  services: readonly DescService[],
  headerFields: Readonly<Record<string, string>>,
): RouteTrie<Route> {
  const trie = createTrie<Route>();
  const problems: string[] = [];
  for (const method of services.flatMap((service) => service.methods)) {
    try {
      for (const binding of readBindings(method)) add(trie, createRoute(method, known(binding), headerFields), binding);
    } catch (error) {
      problems.push(`${nameOf(method)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return trie;
}

function add(trie: RouteTrie<Route>, route: Route, { httpMethod, path }: Binding): void {
  const present = addRoute(trie, route.template, route.httpMethod, route);
  if (present === undefined) return;
  throw new Error(`${httpMethod} ${path} matches what ${nameOf(present.method)} is bound to`);
}

function known(binding: Binding): Binding {
  if (binding.httpMethod === "*" || METHODS.includes(binding.httpMethod)) return binding;
  throw new Error(`"${binding.httpMethod}" is not an HTTP method`);
}

function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}.${method.name}`;
}
