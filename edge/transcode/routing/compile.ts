import { METHODS } from "node:http";
import type { DescMethod, DescMethodUnary, DescService } from "@bufbuild/protobuf";
import { isUnary } from "../unary-method.ts";
import { type Binding, readBindings } from "./http-rule.ts";
import { createRoute, type Route } from "./route.ts";
import { addRoute, createTrie, type RouteTrie } from "./route-trie.ts";

/**
 * Turns the services' annotations into routes. Methods without one are skipped.
 *
 * @param headerFields header → top-level request field that it fills, where a method has it
 * @throws Error naming the method, for an annotation that is wrong, or both methods, for two that match the same
 */
export function compile(
  services: readonly DescService[],
  headerFields: Readonly<Record<string, string>>,
): RouteTrie<Route> {
  const trie = createTrie<Route>();
  for (const method of services.flatMap((service) => service.methods)) {
    for (const binding of attempt(method, () => readBindings(method))) {
      const route = attempt(method, () => createRoute(unary(method), known(binding), headerFields));
      const present = addRoute(trie, route.template, route.httpMethod, route);
      if (present !== undefined) {
        const names = `${nameOf(present.method)} and ${nameOf(method)}`;
        throw new Error(`${names} are both bound to ${binding.httpMethod} ${binding.path}, or to what it matches`);
      }
    }
  }
  return trie;
}

function unary(method: DescMethod): DescMethodUnary {
  if (isUnary(method)) return method;
  throw new Error(`a ${method.methodKind} method with an http option is not supported`);
}

function known(binding: Binding): Binding {
  if (binding.httpMethod === "*" || METHODS.includes(binding.httpMethod)) return binding;
  throw new Error(`"${binding.httpMethod}" is not an HTTP method`);
}

function attempt<T>(method: DescMethod, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`${nameOf(method)}: ${problem}`, { cause: error });
  }
}

function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}.${method.name}`;
}
