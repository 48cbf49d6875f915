import { gzipSync } from "node:zlib";
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import {
  by,
  type Cell,
  type HostileInput,
  MALFORMED,
  NOT_IMPLEMENTED,
  TOO_LARGE,
  type Verdict,
} from "./hostile-input.ts";

type Parameters = Record<string, string>;

/** Of a read by Connect's GET, in JSON and in Protobuf. */
function parametersOf({ way, method, message }: Cell): Parameters {
  if (way === "connect+json") return { connect: "v1", encoding: "json", message: toJsonString(method.input, message) };
  const bytes = Buffer.from(toBinary(method.input, message));
  return { connect: "v1", encoding: "proto", base64: "1", message: bytes.toString("base64url") };
}

const bomb = gzipSync(Buffer.alloc(5_000_000)).toString("base64url");

const INPUTS: [name: string, change: (parameters: Parameters) => Parameters, ...verdicts: Verdict[]][] = [
  ["no encoding", ({ encoding: _, ...rest }) => rest, MALFORMED],
  ["an unknown encoding", (all) => ({ ...all, encoding: "xml" }), MALFORMED],
  ["a message that is cut off", (all) => ({ ...all, message: all.message!.slice(0, -2) }), MALFORMED],
  ["a message that is not base64", (all) => ({ ...all, base64: "1", message: "%%%" }), MALFORMED],
  ["a message of no bytes that mean one", (all) => ({ ...all, base64: "1", message: "____" }), MALFORMED],
  ["an unknown compression", (all) => ({ ...all, compression: "x" }), NOT_IMPLEMENTED],
  ["gzip that is not", (all) => ({ ...all, compression: "gzip" }), MALFORMED],
  [
    "a small message that decompresses to 5 MB",
    (all) => ({ ...all, compression: "gzip", base64: "1", message: bomb }),
    TOO_LARGE,
  ],
];

/** What is wrong with a read by Connect's GET. */
export const GET_INPUTS: readonly HostileInput[] = INPUTS.map(([name, change, ...verdicts]) => ({
  name: `Connect's GET: ${name}`,
  spoil: (cell) => {
    if (cell.method.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) return undefined;
    const target = `${cell.request.target}?${new URLSearchParams(change(parametersOf(cell)))}`;
    return { ...cell.request, httpMethod: "GET", target, body: undefined };
  },
  expected: by(["connect+proto", "connect+json"], ...verdicts),
}));
