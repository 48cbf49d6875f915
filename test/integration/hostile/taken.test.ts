import { gzipSync } from "node:zlib";
import { create, type JsonObject, toJson } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTenant } from "../../tenant.ts";
import { namesIn, type RpcCase } from "../rpc-case.ts";
import { RPC_CASES } from "../rpc-cases.ts";
import { type Cell, headers, type Spoil, target, text } from "./hostile-input.ts";
import { openScene, type Scene } from "./scene.ts";
import { verdictOf } from "./verdict.ts";
import { requestOf, requestOfBytes, WAYS, type Way } from "./wire-request.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(async () => {
  scene.expectNoFault();
  await scene.close();
});

/** They need a secret, or an id, that was told before. */
const RESTING_ON_ANSWERS = [
  ...["ActivateUser", "LogIn", "RefreshTokens", "ChangePassword", "LogOut", "ResetPassword", "DeleteTokenKey"],
];

describe("what is not spoilt is taken", () => {
  test.each(WAYS)("over %s", async (way) => {
    const tenant = await createTenant(scene.transports.grpc, scene.parley.adminKey);
    for (const { name, method, as, request } of RPC_CASES) {
      if (RESTING_ON_ANSWERS.includes(name)) continue;
      const key = as === "admin" ? scene.parley.adminKey : tenant.key;
      const message = create(method.input, request(namesIn(tenant.name)));
      const outcome = await scene.caller.send(way, requestOf(way, method, message, key));
      expect([name, verdictOf(outcome)]).toEqual([name, "OK"]);
    }
  });
});

function caseOf(name: string): RpcCase {
  return RPC_CASES.find(({ method }) => method.name === name)!;
}

function cellOf(way: Way, { method, request }: RpcCase): Cell {
  const message = create(method.input, request(scene.names));
  return { way, method, message, key: scene.tenant.key, request: requestOf(way, method, message, scene.tenant.key) };
}

/** Field 1,000 in a group, which no message has. */
const unknownGroup = Buffer.of(0xc3, 0x3e, 0xc4, 0x3e);

const withTail =
  (tail: Uint8Array): Spoil =>
  ({ way, method, request, key }) => {
    const start = way === "connect+proto" ? 0 : 5;
    return requestOfBytes(way, method, Buffer.concat([request.body!.subarray(start), tail]), key);
  };

const compressed: Spoil = (cell) => {
  const request = headers({ "content-encoding": "gzip" })(cell)!;
  return { ...request, body: gzipSync(request.body!) };
};

const byGet: Spoil = ({ method, message, request }) => {
  const query = new URLSearchParams({ connect: "v1", encoding: "json" });
  query.set("message", JSON.stringify(toJson(method.input, message) as JsonObject));
  return { ...request, httpMethod: "GET", target: `${request.target}?${query}`, body: undefined };
};

const lowerScheme: Spoil = (cell) => headers({ authorization: `bearer ${cell.key}` })(cell);
const letterEncoded = target((whole) => whole.replace(/chats\/1/, "chats/%31"));

const TAKEN: [name: string, ways: readonly Way[], method: string, spoil: Spoil][] = [
  ["a scheme in small letters", WAYS, "GetChat", lowerScheme],
  ["a header that nobody knows", WAYS, "GetChat", headers({ "x-nope": "1" })],
  [
    "grpc-timeout of 99,999,999 hours",
    ["grpc", "grpc-web", "rest"],
    "GetChat",
    headers({ "grpc-timeout": "99999999H" }),
  ],
  ["grpc-timeout of 1,000 hours", ["grpc", "grpc-web", "rest"], "GetChat", headers({ "grpc-timeout": "1000H" })],
  ["connect-timeout-ms of 10 digits", ["connect+json"], "GetChat", headers({ "connect-timeout-ms": "9999999999" })],
  ["a metadata value that is not base64", ["grpc", "connect+json", "rest"], "GetChat", headers({ "x-a-bin": "%%%" })],
  ["an unknown field in Protobuf", ["grpc", "connect+proto", "grpc-web"], "GetChat", withTail(unknownGroup)],
  ["an unknown field in Connect's JSON", ["connect+json"], "GetChat", text((body) => body.replace("{", '{"nope":1,'))],
  ["a read by Connect's GET", ["connect+json"], "GetChat", byGet],
  ["a body in gzip", ["connect+json", "rest"], "UpdateChat", compressed],
  ["a body in chunks", ["connect+json", "rest"], "UpdateChat", headers({ "transfer-encoding": "chunked" })],
  ["an encoded digit in a path", ["rest"], "GetChat", letterEncoded],
  ["any type, the lesser", ["rest"], "GetChat", headers({ accept: "text/html, */*;q=0.1" })],
];

describe("what looks hostile is taken", () => {
  test.each(TAKEN)("%s", async (_, ways, method, spoil) => {
    const verdicts = await Promise.all(
      ways.map(async (way) => [way, verdictOf(await scene.caller.send(way, spoil(cellOf(way, caseOf(method)))!))]),
    );
    expect(Object.fromEntries(verdicts)).toEqual(Object.fromEntries(ways.map((way) => [way, "OK"])));
  });
});
