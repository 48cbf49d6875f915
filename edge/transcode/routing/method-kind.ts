import type { DescMethod } from "@bufbuild/protobuf";

/** Whether a method takes a stream of messages. */
export function takesMany({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}

/** Whether a method answers with a stream of messages. */
export function answersWithMany({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}
