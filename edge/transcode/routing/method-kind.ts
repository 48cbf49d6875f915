import type { DescMethod, DescMethodUnary } from "@bufbuild/protobuf";

/** Whether a method takes one message and answers with one. */
export function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

/** Whether a method takes a stream of messages. */
export function takesStream({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}

/** Whether a method answers with a stream of messages. */
export function answersWithStream({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}
