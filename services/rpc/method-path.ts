import type { DescMethod } from "@bufbuild/protobuf";

/** The path of a method in URLs and HTTP/2: `/parley.v1.ChatService/GetChat`. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
