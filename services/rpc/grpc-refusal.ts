import type { OutgoingHttpHeaders } from "node:http2";
import type { ConnectError } from "@connectrpc/connect";
import { errorStatus } from "./grpc-status.ts";
import type { GrpcWire } from "./grpc-wire.ts";

/** A subtype that says more, such as `application/grpc+json`, is of messages that are not read here. */
const GRPC = /^application\/grpc(?:\+proto)?(?:;|$)/;

/** Answers what is no call of gRPC, with an HTTP status; returns whether it was none. */
export function refuseForeign(wire: GrpcWire): boolean {
  const { ":method": method, "content-type": contentType = "" } = wire.headers;
  if (method !== "POST") end(wire, { ":status": 405, allow: "POST" });
  else if (!GRPC.test(contentType)) end(wire, { ":status": 415 });
  else return false;
  return true;
}

/** Answers a call of a method that is not served. */
export function refuseMethod(wire: GrpcWire, error: ConnectError): void {
  end(wire, { ":status": 200, "content-type": "application/grpc+proto", ...errorStatus(error) });
}

function end({ stream }: GrpcWire, headers: OutgoingHttpHeaders): void {
  stream.on("error", () => {});
  stream.resume();
  if (!stream.closed && !stream.destroyed) stream.respond(headers, { endStream: true });
}
