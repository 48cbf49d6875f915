import { once } from "node:events";
import { connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { limitReceiving } from "../../edge/receive-deadline.ts";

test("a request of HTTP/2 that does not arrive in time is reset, and the others are served", async () => {
  const server = createServer((request, response) => {
    limitReceiving(request, 20);
    request.resume().on("end", () => setTimeout(() => response.end("whole"), 40));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const slow = session.request({ ":method": "POST" }, { endStream: false });
  slow.on("error", () => {}).write("half");
  await once(slow, "close");
  expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL);
  for (const end of [true, false]) {
    const stream = session.request({ ":method": "POST" }, { endStream: end });
    if (!end) stream.end("all");
    const [headers] = await once(stream, "response");
    expect(headers[":status"]).toBe(200);
    stream.resume();
    await once(stream, "close");
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  }
});
