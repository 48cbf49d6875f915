import { request as httpRequest } from "node:http";
import { connect } from "node:http2";
import { text as readText } from "node:stream/consumers";
import Fastify from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { transcode } from "../../../edge/transcode/index.ts";
import { CustomService } from "./gen/kitchen/v1/custom_pb.ts";
import { KitchenService } from "./gen/kitchen/v1/kitchen_pb.ts";
import { type Kitchen, openKitchen } from "./kitchen-server.ts";

/** Sends the target as it is, which fetch would normalise. */
function send({ url }: Kitchen, method: string, target: string, headers: Record<string, string> = {}, body = "") {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; allow: unknown; text: string }>();
  const request = httpRequest(url(), { method, path: target, headers }, async (response) => {
    const text = await readText(response);
    resolve({ status: response.statusCode ?? 0, allow: response.headers.allow, text });
  });
  request.on("error", reject).end(body);
  return promise;
}

describe("paths as they are on the wire", () => {
  test.each([
    ["GET", "/v1/menus/a%2Fb", 200],
    ["GET", "/v1/menus/a%252Fb", 200],
    ["GET", "http://elsewhere/v1/menus/a", 200],
    ["GET", "/v1/menus/a/", 404],
    ["GET", "/v1%2Fmenus/a", 404],
    ["GET", "/v1/menus/a:b", 404],
    ["GET", "/v1/menus/a%3Ab", 200],
    ["GET", "/v1/./menus/a", 404],
    ["GET", "/v1/menus/%", 400],
    ["GET", "/v1/menus/%FF", 400],
    ["GET", "/v1/menus/%00", 200],
    ["GET", "/", 404],
    ["GET", "/healthz", 200],
    ["POST", "/healthz", 404],
    ["PUT", "/v1/menus/a", 405],
    ["PROPFIND", "/v1/menus/a", 405],
    ["QUERY", "/v1/menus/a", 405],
    ["QUERY", "/v1/nothing", 404],
    ["OPTIONS", "/v1/menus/a", 204],
    ["OPTIONS", "/v1/nothing", 404],
    ["OPTIONS", "*", 404],
    ["HEAD", "/v1/menus/a", 200],
  ])("%s %s is %d", async (method, target, status) => {
    const kitchen = await openKitchen();
    const answer = await send(kitchen, method, target);
    expect(answer.status).toBe(status);
    if (status >= 400) expect(JSON.parse(answer.text).error).toMatchObject({ code: status, details: [{}] });
    if ([405, 204].includes(status)) expect(answer.allow).toBe("GET, HEAD, OPTIONS");
  });

  test.each([
    ["/v1/menus/a%2Fb", { id: "a/b" }],
    ["/v1/menus/a%252Fb", { id: "a%2Fb" }],
    ["/v1/files/a%2Fb/c%20d//", { path: "a%2Fb/c d//" }],
    ["/v1/files", {}],
  ])("%s is decoded after it is matched", async (target, json) => {
    const kitchen = await openKitchen();
    expect(JSON.parse((await send(kitchen, "GET", target)).text)).toEqual(json);
  });

  test("a path is judged before a body's type", async () => {
    const kitchen = await openKitchen();
    const headers = { "content-type": "nonsense", "content-length": "2" };
    expect((await send(kitchen, "POST", "/v1/nothing", headers, "{}")).status).toBe(404);
    expect((await send(kitchen, "PUT", "/v1/sink", headers, "{}")).status).toBe(405);
    expect((await send(kitchen, "POST", "/v1/sink", headers, "{}")).status).toBe(415);
  });

  test("a body without a byte may have any type", async () => {
    const headers = { "content-type": "nonsense", "content-length": "0" };
    expect((await send(await openKitchen(), "POST", "/v1/sink", headers)).status).toBe(200);
  });
});

test.each(["GET", "HEAD", "DELETE"])("a body of a %s that takes none is refused", async (method) => {
  const kitchen = await openKitchen();
  const answer = await send(kitchen, method, "/v1/menus/1/dishes/2", { "content-length": "2" }, "{}");
  expect(answer.status).toBe(400);
});

test("HTTP/2 without TLS works alike", async () => {
  const kitchen = await openKitchen(undefined, {}, { http2: true, bodyLimit: 10 } as object);
  const session = connect(kitchen.url());
  onTestFinished(() => session.close());
  const ask = async (headers: Record<string, string>, body?: string) => {
    const stream = session.request(headers, { endStream: body === undefined });
    const { promise, resolve } = Promise.withResolvers<number>();
    stream.on("response", (response) => resolve(response[":status"] ?? 0));
    if (body !== undefined) stream.end(body);
    return [await promise, JSON.parse(await readText(stream))];
  };
  const type = { ":method": "POST", "content-type": "application/json" };
  expect(await ask({ ":path": "/v1/menus/a%2Fb" })).toEqual([200, { id: "a/b" }]);
  expect(await ask({ ":path": "/v1/sink", ...type }, '{"red":""}')).toEqual([200, { red: "" }]);
  expect(await ask({ ":path": "/v1/sink", ...type }, '{"red":"abc"}')).toMatchObject([413, {}]);
});

describe("Accept", () => {
  test.each([
    [undefined, 200],
    ["", 200],
    ["*/*", 200],
    ["application/*", 200],
    ["application/json", 200],
    ["Application/JSON; charset=utf-8", 200],
    ["text/html, application/json;q=0.1", 200],
    ["text/html, */*;q=0.1", 200],
    ["text/html", 406],
    ["application/json;q=0", 406],
    ["application/json;q=0, */*", 406],
    ["application/*;q=0, */*", 406],
    ["application/problem+json", 406],
  ])("%s is %d", async (accept, status) => {
    const kitchen = await openKitchen();
    const answer = await send(kitchen, "GET", "/v1/menus/a", accept === undefined ? {} : { accept });
    expect(answer.status).toBe(status);
    expect(kitchen.calls).toHaveLength(status === 200 ? 1 : 0);
    if (status === 406) expect(JSON.parse(answer.text).error).toMatchObject({ code: 406, status: "INVALID_ARGUMENT" });
  });
});

test.each([
  ["PUT", "/v1/any/a", "Put"],
  ["GET", "/v1/any/a", "Any"],
  ["LOCK", "/v1/any/a", "Any"],
  ["HEAD", "/v1/head/a", "Head"],
  ["REPORT", "/v1/report/a", "Report"],
])("%s %s reaches a custom binding", async (method, target, name) => {
  const kitchen = await openKitchen(undefined, { services: [CustomService] });
  expect((await send(kitchen, method, target)).status).toBe(200);
  expect(kitchen.calls[0]?.method.name).toBe(name);
});

test("under a prefix, paths begin after it", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  const transport = { unary: async () => ({ header: new Headers(), trailer: new Headers(), message: {} }) };
  await app.register(transcode({ services: [KitchenService], transport: transport as never }), { prefix: "/rest" });
  expect((await app.inject("/rest/v1/nothing")).json().error.message).toContain('"/v1/nothing"');
  expect((await app.inject("/v1/nothing")).json().error).toBe("Not Found");
});
