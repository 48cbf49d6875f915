import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeRequest } from "../../../bench/load/grpc-load.ts";
import { UnaryClient } from "../../../bench/load/unary-client.ts";
import { GetMessageRequestSchema, MessageSchema } from "../../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";

/** A client of a server that answers in one way, and the headers that the server was sent. */
async function clientOf(answer: (stream: ServerHttp2Stream) => void) {
  const requests: Record<string, unknown>[] = [];
  const server = createServer().on("stream", (stream, headers) => {
    requests.push(headers);
    stream.on("error", () => {});
    answer(stream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = await UnaryClient.connect(`127.0.0.1:${(server.address() as AddressInfo).port}`, "the-key", 2);
  onTestFinished(() => {
    client.close();
    server.close();
  });
  const call = () => client.call(MessageService.method.getMessage, create(GetMessageRequestSchema, { name: "a" }));
  return { requests, call };
}

const HEADERS = { ":status": 200, "content-type": "application/grpc" };

describe("a client of a load", () => {
  test("sends its key, and gives the message of the answer", async () => {
    const { requests, call } = await clientOf((stream) => {
      stream.respond(HEADERS, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(encodeRequest(MessageSchema, create(MessageSchema, { name: "b" })));
    });
    expect((await call()).name).toBe("b");
    expect(requests).toMatchObject([
      { ":path": "/parley.v1.MessageService/GetMessage", authorization: "Bearer the-key", te: "trailers" },
    ]);
  });

  test.each([
    ["a status other than OK", { "grpc-status": "8", "grpc-message": "full" }, "gRPC status 8: full"],
    ["no status", {}, "gRPC status none"],
  ])("rejects for %s, whatever HTTP says", async (_what, status, message) => {
    const { call } = await clientOf((stream) => stream.respond({ ...HEADERS, ...status }, { endStream: true }));
    await expect(call()).rejects.toThrow(message);
  });

  test("rejects where the call is broken off", async () => {
    const { call } = await clientOf((stream) => stream.close(2));
    await expect(call()).rejects.toThrow();
  });
});
