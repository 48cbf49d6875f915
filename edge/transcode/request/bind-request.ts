import type { IncomingHttpHeaders } from "node:http";
import type { Message } from "@bufbuild/protobuf";
import type { JsonReaders } from "../json/json-reader.ts";
import { malformed } from "../refusal.ts";
import type { Route } from "../routing/route.ts";
import { bindBody, decodeBody } from "./body.ts";
import { bindHeaders } from "./header-field.ts";
import { bindPath } from "./path-capture.ts";
import { bindQuery } from "./query.ts";
import { bindMask } from "./update-mask.ts";

/** What a request says beside its body. `segments` and `query` are raw. */
export type RequestParts = {
  readonly segments: readonly string[];
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
};

/** What becomes of names that the request message does not have. */
export type UnknownOptions = {
  /** Fields of JSON bodies. Default: "refuse". */
  readonly unknownFields?: "refuse" | "ignore";
  /** Query parameters. Default: "refuse". */
  readonly unknownParameters?: "refuse" | "ignore";
};

export type BindOptions = Pick<UnknownOptions, "unknownParameters"> & { readonly readers: JsonReaders };

/**
 * Makes a request message from JSON, path, query and headers, in that order.
 *
 * @param json the body, or one line of it; undefined where there is none
 * @throws Refusal malformedRequest
 */
export function bindRequest(
  route: Route,
  { segments, query, headers }: RequestParts,
  json: Uint8Array | undefined,
  options: BindOptions,
): Message {
  const { readers } = options;
  const text = json === undefined ? undefined : decodeBody(json);
  const message = bindBody(route, text, readers);
  bindPath(message, route.captures, segments, readers);
  bindQuery(message, route, query, options);
  bindHeaders(message, route.headerFields, headers, readers);
  bindMask(message, route, text, readers);
  const missing = readers.findMissing(message.desc, message.message);
  if (missing !== undefined) throw malformed(`${missing} is required`);
  return message.message;
}
