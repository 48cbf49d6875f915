import { METHODS } from "node:http";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type Binding, readBindings } from "./http-rule.ts";
import { createRoute, type Route } from "./route.ts";
import { addRoute, createTrie, type RouteTrie } from "./route-trie.ts";

/** Routes in the order of the services' methods and their bindings, and the tree that finds them. */
export type CompiledRoutes = { readonly routes: readonly Route[]; readonly trie: RouteTrie<Route> };

/**
 * Turns the services' annotations into routes. Methods without one are skipped.
 *
 * @param headerFields header → top-level request field that it fills, where a method has it
 * @throws Error a line for each method whose annotation is wrong, with its name, or with both where two match the same
 */
export function compileRoutes(
  services: readonly DescService[],
  headerFields: Readonly<Record<string, string>>,
): CompiledRoutes {
  const trie = createTrie<Route>();
  const routes: Route[] = [];
  const problems: string[] = [];
  for (const method of services.flatMap((service) => service.methods)) {
    try {
      for (const binding of readBindings(method)) {
        const route = createRoute(method, known(binding), headerFields);
        add(trie, route, binding);
        routes.push(route);
      }
    } catch (error) {
      problems.push(`${nameOf(method)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return { routes, trie };
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
