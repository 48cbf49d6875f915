/**
 * How Connect and gRPC-Web read JSON: unknown fields are ignored, as their specification has it, and bytes that are not
 * UTF-8 are refused, where connect's own decoder would put other characters in their place.
 */
export const jsonOptions = { ignoreUnknownFields: true, textDecoder: new TextDecoder("utf-8", { fatal: true }) };
