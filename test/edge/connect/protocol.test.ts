import { expect, test } from "vitest";
import { protocolOf } from "../../../edge/connect/index.ts";

test.each([
  ["application/grpc-web", "grpc-web"],
  ["application/grpc-web+json; charset=utf-8", "grpc-web"],
  ["Application/Grpc-Web+Proto", "grpc-web"],
  ["application/grpc-web-text", "grpc-web"],
  ["application/grpc-website", "connect"],
  ["application/grpc", "connect"],
  ["application/connect+proto", "connect"],
  ["application/json", "connect"],
  [undefined, "connect"],
])("%s is one of %s", (contentType, protocol) => {
  expect(protocolOf(contentType)).toBe(protocol);
});
