import { contentTypeStreamRegExp } from "@connectrpc/connect/protocol-connect";

/** The protocol that a content type is one of; Connect where it is none of either. */
export function protocolOf(contentType: string | null | undefined): "connect" | "grpc-web" {
  return /^application\/grpc-web(?![a-z0-9])/i.test(contentType ?? "") ? "grpc-web" : "connect";
}

/** Whether messages of a content type travel in envelopes, the last of which says how the call went. */
export function isEnveloped(contentType: string): boolean {
  return protocolOf(contentType) === "grpc-web" || contentTypeStreamRegExp.test(contentType);
}
