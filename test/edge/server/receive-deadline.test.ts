import { once } from "node:events";
import { connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { limitReceiving } from "../../../edge/server/receive-deadline.ts";

test("a request of HTTP/2 that does not arrive in time is reset, and one that arrived can be answered later", async () => {
  const { promise: late, resolve: answer } = Promise.withResolvers<void>();
  const { promise: allArrived, resolve: tellArrived } = Promise.withResolvers<void>();
  let arrived = 0;
  const server = createServer((request, response) => {
    limitReceiving(request, 20);
    request.resume().on("end", async () => {
      if (++arrived === 2) tellArrived();
      await late;
      response.end("whole");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const prompt = [true, false].map((endStream) => {
    const stream = session.request({ ":method": "POST" }, { endStream });
    return endStream ? stream : stream.end("all");
  });
  await allArrived;
  // Its limit is reached after theirs would be.
  const slow = session.request({ ":method": "POST" }, { endStream: false });
  slow.on("error", () => {}).write("half");
  await once(slow, "close");
  expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL);
  answer();
  expect(await Promise.all(prompt.map((stream) => text(stream)))).toEqual(["whole", "whole"]);
  for (const { rstCode } of prompt) expect(rstCode).toBe(constants.NGHTTP2_NO_ERROR);
});
