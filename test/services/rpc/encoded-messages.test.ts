import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { EncodedMessages } from "../../../services/rpc/encoded-messages.ts";
import { ProbeSchema, ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { startProbe } from "./probe-server.ts";

const { ask } = ProbeService.method;

test("the bytes of a message are those remembered for it, else those it is encoded to", () => {
  const encoded = new EncodedMessages();
  const [known, unknown] = [create(ProbeSchema, { text: "a" }), create(ProbeSchema, { text: "a" })];
  const bytes = toBinary(ProbeSchema, known);
  encoded.remember(known, bytes);
  expect(encoded.bytesOf(ProbeSchema, known)).toBe(bytes);
  expect(fromBinary(ProbeSchema, encoded.bytesOf(ProbeSchema, unknown))).toEqual(unknown);
});

test("an answer over gRPC is made of them", async () => {
  const encodedMessages = new EncodedMessages();
  const answer = create(ProbeSchema, { text: "encoded anew" });
  encodedMessages.remember(answer, toBinary(ProbeSchema, create(ProbeSchema, { text: "remembered" })));
  const { client } = await startProbe({ ask: () => answer }, { encodedMessages });
  expect((await client.call(ask, [{}])).messages).toEqual([create(ProbeSchema, { text: "remembered" })]);
});
