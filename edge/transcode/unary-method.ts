import type { DescMethod, DescMethodUnary } from "@bufbuild/protobuf";

/** Whether a method takes one message and answers with one. */
export function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}
