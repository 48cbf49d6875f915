import { expect, test } from "vitest";
import { isProtocolHeader } from "../../../edge/transcode/index.ts";

test.each([
  ...["content-type", "grpc-status", "connect-timeout-ms", "trailer", "trailers", "accept", "accept-encoding"],
  ...["proxy-authorization", "connection", "te", "transfer-encoding", "http2-settings", "host", ":path"],
])("%s is no header of a call", (name) => {
  expect(isProtocolHeader(name)).toBe(true);
});

test.each(["authorization", "etag", "x-content-type", "tenant", "hosts", "dates"])("%s is one", (name) => {
  expect(isProtocolHeader(name)).toBe(false);
});
