import Fastify from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { type TranscodeOptions, transcode } from "../../../edge/transcode/index.ts";
import { CustomService } from "./gen/kitchen/v1/custom_pb.ts";
import { openKitchen } from "./kitchen-server.ts";

type Options = Partial<TranscodeOptions>;

async function ask(options: Options, path: string, body?: string, headers: Record<string, string> = {}) {
  const kitchen = await openKitchen(undefined, options);
  const typed = body === undefined ? headers : { ...headers, "content-type": "application/json" };
  const init = { method: body === undefined ? "GET" : "POST", body, headers: typed };
  const response = await fetch(kitchen.url() + path, init);
  return { status: response.status, text: await response.text(), calls: kitchen.calls };
}

describe("answers are written as the options say", () => {
  test.each<[json: TranscodeOptions["json"], text: string]>([
    [undefined, '{"course":"COURSE_MAIN","otherName":"a"}'],
    [{}, '{"course":"COURSE_MAIN","otherName":"a"}'],
    [{ enumsAsNumbers: true }, '{"course":2,"otherName":"a"}'],
    [{ protoNames: true }, '{"course":"COURSE_MAIN","renamed":"a"}'],
  ])("%o", async (json, text) => {
    expect((await ask({ json }, "/v1/sink?course=2&renamed=a")).text).toBe(text);
  });

  test.each([
    [false, '{"text":"a"}'],
    [true, '{"text":"a","note":""}'],
  ])("with defaults printed: %s", async (printDefaults, text) => {
    expect((await ask({ services: [CustomService], json: { printDefaults } }, "/v1/any/a")).text).toBe(text);
  });
});

describe("unknown fields are refused, or ignored", () => {
  test.each<[option: Options["unknownFields"], status: number]>([
    [undefined, 400],
    ["refuse", 400],
    ["ignore", 200],
  ])("%s", async (unknownFields, status) => {
    const answer = await ask({ unknownFields }, "/v1/sink", '{"no": {"x": [1]}, "nested": {"no": 1}, "anInt32": 1}');
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.text).toBe('{"anInt32":1,"nested":{}}');
  });
});

describe("unknown parameters are refused, or ignored", () => {
  test.each<[option: Options["unknownParameters"], status: number]>([
    [undefined, 400],
    ["refuse", 400],
    ["ignore", 200],
  ])("%s", async (unknownParameters, status) => {
    const answer = await ask({ unknownParameters }, "/v1/sink?no=1&nested.no=2&an_int32=1");
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.text).toBe('{"anInt32":1}');
  });
});

test("headers pass to the call by name where they are listed", async () => {
  const sent = { cookie: "a=b", "x-kitchen": "small", "x-other": "y" };
  const { calls } = await ask({ forwardedHeaders: ["Cookie", "X-Kitchen"] }, "/v1/menus/1", undefined, sent);
  expect(Object.fromEntries(calls[0]!.headers)).toEqual({ cookie: "a=b", "x-kitchen": "small" });
});

describe("integers of 64 bits come back as they went, as numbers or texts", () => {
  test.each(["9007199254740993", '"9007199254740993"', "9007199254740993.0", "9.007199254740993e15"])(
    "%s",
    async (number) => {
      const { text } = await ask({}, "/v1/sink", `{"anInt64": ${number}, "aUint64": ${number}}`);
      expect(text).toBe('{"anInt64":"9007199254740993","aUint64":"9007199254740993"}');
    },
  );
});

test("the host is told of the method that a request is for", async () => {
  const names: string[] = [];
  const onRoute: TranscodeOptions["onRoute"] = (_request, { name }) => names.push(name);
  for (const path of ["/v1/menus/1", "/v1/sink?no=1", "/v1/nothing"]) await ask({ onRoute }, path);
  expect(names).toEqual(["GetMenu", "FillSink"]);
});

test("a hook of the host answers before the plugin does, as CORS needs", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  app.addHook("onRequest", async (request, reply) => {
    reply.header("access-control-allow-origin", "*");
    if (request.method === "OPTIONS") return reply.code(204).header("access-control-allow-methods", "GET").send();
  });
  await app.register(transcode({ services: [CustomService], transport: {} as never }));
  const preflight = await app.inject({ method: "OPTIONS", url: "/v1/nothing" });
  expect([preflight.statusCode, preflight.headers["access-control-allow-methods"]]).toEqual([204, "GET"]);
  const missing = await app.inject("/v1/nothing");
  expect([missing.statusCode, missing.headers["access-control-allow-origin"]]).toEqual([404, "*"]);
});
