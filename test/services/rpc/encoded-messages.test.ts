import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { bytesOf, rememberBytes } from "../../../services/rpc/encoded-messages.ts";
import { ProbeSchema, ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { startProbe } from "./probe-server.ts";

const { ask } = ProbeService.method;

test("the bytes of a message are those remembered for it, else those it is encoded to", () => {
  const [known, unknown] = [create(ProbeSchema, { text: "a" }), create(ProbeSchema, { text: "a" })];
  const bytes = toBinary(ProbeSchema, known);
  rememberBytes(known, bytes);
  expect(bytesOf(ProbeSchema, known)).toBe(bytes);
  expect(fromBinary(ProbeSchema, bytesOf(ProbeSchema, unknown))).toEqual(unknown);
});

test("an answer over gRPC is made of them", async () => {
  const answer = create(ProbeSchema, { text: "encoded anew" });
  rememberBytes(answer, toBinary(ProbeSchema, create(ProbeSchema, { text: "remembered" })));
  const { client } = await startProbe({ ask: () => answer });
  expect((await client.call(ask, [{}])).messages).toEqual([create(ProbeSchema, { text: "remembered" })]);
});
