import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "../../../gen/google/api/annotations_pb.ts";
import type { HttpRule } from "../../../gen/google/api/http_pb.ts";

/** One binding of a method, as written. `body` and `responseBody` are "" where they are not given. */
export type Binding = {
  /** In capitals; "*" for any. */
  readonly httpMethod: string;
  readonly path: string;
  readonly body: string;
  readonly responseBody: string;
};

/** The bindings of a method's `google.api.http` option; none where it has no such option. */
export function readBindings(method: DescMethod): Binding[] {
  if (!hasOption(method, http)) return [];
  const rule = getOption(method, http);
  return [readRule(rule), ...rule.additionalBindings.map(readAdditional)];
}

function readAdditional(rule: HttpRule): Binding {
  if (rule.additionalBindings.length > 0) throw new Error("additional_bindings cannot hold additional_bindings");
  return readRule(rule);
}

function readRule(rule: HttpRule): Binding {
  const { body, responseBody, pattern } = rule;
  switch (pattern.case) {
    case undefined:
      throw new Error("the http option names no method and path");
    case "custom":
      return { httpMethod: pattern.value.kind, path: pattern.value.path, body, responseBody };
    default:
      return { httpMethod: pattern.case.toUpperCase(), path: pattern.value, body, responseBody };
  }
}
