import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { type GetDishRequest, GetDishRequestSchema } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { openEdgeTo } from "./edge-to-handlers.ts";
import { openConnection, type RawAnswer } from "./raw-exchange.ts";

const PATH = "/kitchen.v1.KitchenService/GetDish";
const [JSON_TYPE, BINARY_TYPE] = ["application/json", "application/proto"];
/** A timeout as no client writes it: such a call is left to connect. */
const BY_CONNECT = { "connect-timeout-ms": "0000005000" };

function getDish({ name }: GetDishRequest, { responseHeader, responseTrailer }: HandlerContext) {
  if (name === "refused") throw new ConnectError("no", Code.Aborted, { "x-why": "because" });
  responseHeader.append("x-kitchen", "one");
  responseHeader.append("x-kitchen", "two");
  responseHeader.append("set-cookie", "a=1");
  responseHeader.append("set-cookie", "b=2");
  responseTrailer.set("x-cost", "7");
  return { name, displayName: name === "long" ? "Soup ".repeat(500) : "Süß\u2028", price: 450n, etag: "a1" };
}

/** What differs from answer to answer. */
const VARIES = ["date", "x-request-id"];

function comparable({ status, headers, body }: RawAnswer) {
  const kept = Object.entries(headers).filter(([name]) => !VARIES.includes(name));
  return { status, headers: Object.fromEntries(kept), body: body.toString("latin1") };
}

/** Sends a request the short way and by connect, and compares; resolves with the answer and how many calls were made. */
async function sendBothWays(contentType: string, body: Uint8Array, headers = {}) {
  let made = 0;
  const handlers = {
    getDish(request: GetDishRequest, context: HandlerContext) {
      made++;
      return getDish(request, context);
    },
  };
  const { address, calls, faults } = await openEdgeTo({ kitchen: handlers });
  const send = openConnection(address);
  const common = { "content-type": contentType, ...headers };
  const short = await send({ path: PATH, headers: common, body });
  const byConnect = await send({ path: PATH, headers: { ...common, ...BY_CONNECT }, body });
  expect(faults).toEqual([]);
  expect(comparable(short)).toEqual(comparable(byConnect));
  await expect.poll(() => calls.length).toBe(2);
  expect(calls[0]!.code).toBe(calls[1]!.code);
  return { answer: short, made };
}

describe.each([JSON_TYPE, BINARY_TYPE])("a unary call in %s is answered as connect would", (contentType) => {
  const bodyOf = (name: string) => {
    const request = create(GetDishRequestSchema, { name });
    if (contentType === BINARY_TYPE) return toBinary(GetDishRequestSchema, request);
    return Buffer.from(toJsonString(GetDishRequestSchema, request));
  };

  test("with headers and trailers", async () => {
    const { answer, made } = await sendBothWays(contentType, bodyOf("menus/1/dishes/2"), {
      "connect-timeout-ms": "5000",
    });
    expect([answer.status, made]).toEqual([200, 2]);
    expect(answer.headers).toMatchObject({
      "x-kitchen": "one, two",
      "trailer-x-cost": "7",
      "set-cookie": ["a=1", "b=2"],
    });
  });

  test.each(["gzip", "br", "deflate, br;q=1, gzip", "identity", ""])(
    "of many bytes, accepting '%s'",
    async (accepted) => {
      const { answer } = await sendBothWays(contentType, bodyOf("long"), { "accept-encoding": accepted });
      expect(answer.status).toBe(200);
    },
  );

  test("with an error of the call, which is made once", async () => {
    const { answer, made } = await sendBothWays(contentType, bodyOf("refused"));
    expect([answer.status, made, answer.headers["x-why"]]).toEqual([409, 2, "because"]);
  });

  test("with the refusal of a body that is none", async () => {
    const { answer, made } = await sendBothWays(contentType, Buffer.from("{{"));
    expect([answer.status, made]).toEqual([400, 0]);
  });

  test("where there is nothing in the body", async () => {
    await sendBothWays(contentType, Buffer.of());
  });
});

test.each(['{"name":"a","name":"b"}', '\ufeff{"name":"a"}', '{"name":"a","colour":["red"]}', "null", "[]"])(
  "JSON that the transcoder may refuse is for connect to judge: %s",
  async (body) => {
    await sendBothWays(JSON_TYPE!, Buffer.from(body));
  },
);
