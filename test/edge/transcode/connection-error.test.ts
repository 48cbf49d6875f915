import { ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { isConnectionError } from "../../../edge/transcode/index.ts";

const coded = (code: string) => Object.assign(new Error("x"), { code });

test.each<[name: string, error: unknown, expected: boolean]>([
  ["a reset connection", coded("ECONNRESET"), true],
  ["a stream that ended early", coded("ERR_STREAM_PREMATURE_CLOSE"), true],
  ["a reset stream of HTTP/2", coded("ERR_HTTP2_STREAM_ERROR"), true],
  ["an aborted signal", coded("ABORT_ERR"), true],
  ["one in the cause of another", new ConnectError("x", undefined, undefined, undefined, coded("EPIPE")), true],
  ["a header that cannot be sent", coded("ERR_INVALID_CHAR"), false],
  ["an answer given twice", coded("ERR_HTTP_HEADERS_SENT"), false],
  ["an error without a code", new TypeError("x"), false],
  ["no error", "ECONNRESET", false],
  ["nothing", undefined, false],
])("%s", (_name, error, expected) => {
  expect(isConnectionError(error)).toBe(expected);
});
