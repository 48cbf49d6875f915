import type { DescMessage } from "@bufbuild/protobuf";

/** Whether a message is a google.api.HttpBody, which stands for bytes of any content type. */
export function isHttpBody(message: DescMessage | undefined): boolean {
  return message?.typeName === "google.api.HttpBody";
}
