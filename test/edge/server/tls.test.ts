import { once } from "node:events";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { Agent, request as sendHttps } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { Code, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCertificate } from "../../certificate.ts";
import { failureOf } from "../../failure.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { type KitchenEdgeOptions, LIMIT, openEdge } from "./kitchen-edge.ts";

const tls = createCertificate();
const FILL = "/kitchen.v1.KitchenService/FillSink";

/** A session of HTTP/2 that trusts the certificate, closed when the test is over. */
async function openSession(address: string): Promise<ClientHttp2Session> {
  const session = connect(address, { ca: tls.cert });
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

type Answer = { status: number | undefined; body: string; rstCode: number };

/** One request; also where the stream is reset. */
function ask(session: ClientHttp2Session, headers: Record<string, string>, body?: string): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  return new Promise((resolve) => {
    const answer = { status: undefined as number | undefined, body: "", rstCode: 0 };
    stream.on("response", ({ ":status": status }) => {
      answer.status = status;
    });
    stream.setEncoding("utf8").on("data", (text: string) => {
      answer.body += text;
    });
    stream.on("error", () => {});
    stream.on("close", () => resolve({ ...answer, rstCode: stream.rstCode ?? 0 }));
    if (body !== undefined) stream.end(body);
  });
}

const get = (session: ClientHttp2Session, headers: Record<string, string> = {}) =>
  ask(session, { ":path": "/v1/sink", ...headers });

const json = { ":method": "POST", ":path": "/v1/sink", "content-type": "application/json" };

async function open(options: KitchenEdgeOptions = {}) {
  const edge = await openEdge({ tls, ...options });
  return { ...edge, session: await openSession(edge.address) };
}

describe("with a key pair", () => {
  test.each(["1.1", "2"] as const)("Connect and gRPC-Web are served over HTTP/%s", async (httpVersion) => {
    const { address, calls } = await openEdge({ tls });
    const nodeOptions = { ca: tls.cert, ...(httpVersion === "1.1" && { agent: new Agent({ ca: tls.cert }) }) };
    for (const createTransport of [createConnectTransport, createGrpcWebTransport]) {
      const client = createClient(KitchenService, createTransport({ baseUrl: address, httpVersion, nodeOptions }));
      await client.postSink({});
      expect(await failureOf(client.postSink({ aString: "refused" }))).toMatchObject({ code: "Aborted" });
      expect(await failureOf(client.postSink({ aString: "x".repeat(LIMIT) }))).toMatchObject({
        code: "ResourceExhausted",
      });
      await client.postSink({});
    }
    await expect.poll(() => calls).toHaveLength(8);
    expect(calls.map(({ code }) => code)).toEqual(
      Array(2).fill([undefined, Code.Aborted, Code.ResourceExhausted, undefined]).flat(),
    );
  });

  test("REST is served over HTTP/1.1", async () => {
    const { address } = await openEdge({ tls });
    const request = sendHttps(`${address}/v1/sink`, { ca: tls.cert }).end();
    const [response] = await once(request, "response");
    expect(response).toMatchObject({ statusCode: 200, httpVersion: "1.1" });
    response.resume();
  });

  test.each<[name: string, headers: Record<string, string>, body: string | undefined, status: number, code?: Code]>([
    ["a call", { ":path": "/v1/sink" }, undefined, 200],
    ["a call by HEAD", { ":path": "/v1/sink", ":method": "HEAD" }, undefined, 200],
    ["an OPTIONS", { ":path": "/v1/sink", ":method": "OPTIONS" }, undefined, 204],
    ["a call with a body", json, "{}", 200],
    ["a call's error", json, '{"aString": "refused"}', 409, Code.Aborted],
    ["an unknown path", { ":path": "/v1/nowhere" }, undefined, 404, Code.NotFound],
    ["a body that is too large", json, JSON.stringify("x".repeat(LIMIT)), 413, Code.ResourceExhausted],
    ["a large body for an unknown path", { ...json, ":path": "/v1/nowhere" }, "x".repeat(1e6), 404, Code.NotFound],
    ["a wrong type", { ...json, "content-type": "x/y" }, "{}", 415, Code.InvalidArgument],
  ])("REST is served over HTTP/2: %s", async (_name, headers, body, status, code) => {
    const { session, calls } = await open();
    const answer = await ask(session, headers, body);
    expect(answer.status).toBe(status);
    await expect.poll(() => calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ protocol: "rest", code, peer: `127.0.0.1:${session.socket.localPort}` });
    expect((await get(session)).status).toBe(200);
  });

  test("operations and docs are served", async () => {
    const { session } = await open();
    for (const path of ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"]) {
      expect((await get(session, { ":path": path })).status, path).toBe(200);
    }
  });

  test("a caller who resets a stream ends its call, and the session goes on", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<AbortSignal>();
    const transport = {
      unary: (_method: unknown, signal: AbortSignal) => {
        begin(signal);
        return once(signal, "abort").then(() => Promise.reject(signal.reason as Error));
      },
    } as unknown as Transport;
    const { session, calls } = await open({ transport });
    const stream = session.request({ ":path": "/v1/sink" }).on("error", () => {});
    const signal = await begun;
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: FILL, code: Code.Canceled });
    expect(signal.aborted).toBe(true);
    expect((await get(session, { ":path": "/healthz" })).status).toBe(200);
  });

  test("what is no TLS is not answered, and others are", async () => {
    const { address, session } = await open();
    await expect(fetch(address.replace("https:", "http:"))).rejects.toThrow();
    expect((await get(session)).status).toBe(200);
  });
});

describe("a session of HTTP/2 is bounded", () => {
  test("its settings say how many streams and how large headers are taken", async () => {
    const { session } = await open();
    expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 100, maxHeaderListSize: 16_384 });
  });

  test.each([
    ["large", { "x-long": "x".repeat(17_000) }],
    ["many", Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, "1"]))],
  ])("%s headers end their stream alone", async (_name, headers) => {
    const { session } = await open();
    // The limit of bytes holds from when the caller has acknowledged it.
    await get(session);
    expect(await get(session, headers)).toMatchObject({
      status: undefined,
      rstCode: constants.NGHTTP2_ENHANCE_YOUR_CALM,
    });
    expect((await get(session, { "x-long": "x".repeat(15_000) })).status).toBe(200);
  });

  test("a flood of resets ends it, and others are served meanwhile", async () => {
    const { address, session } = await open();
    const flooder = await openSession(address);
    let opened = 0;
    while (!flooder.closed && !flooder.destroyed) {
      for (let index = 0; index < 50 && !flooder.closed && !flooder.destroyed; index++, opened++) {
        const stream = flooder.request({ ":path": "/v1/sink" }).on("error", () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      expect((await get(session)).status).toBe(200);
      expect(opened, "resets taken").toBeLessThan(5_000);
    }
    expect((await get(session)).status).toBe(200);
  });

  test("as many resets as a page that is left makes are no flood", async () => {
    const { session } = await open();
    for (let index = 0; index < 90; index++) {
      const stream = session.request({ ":path": "/v1/sink" }).on("error", () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    }
    expect((await get(session)).status).toBe(200);
  });
});

describe("a close", () => {
  test("ends idle sessions and unused connections at once", async () => {
    const { app, session, port } = await open({ closeTimeoutMs: 60_000 });
    await get(session);
    const unused = connectTls({ port, host: "127.0.0.1", ca: tls.cert, ALPNProtocols: ["http/1.1"] });
    await once(unused, "secureConnect");
    unused.resume().on("error", () => {});
    const ends = [once(session, "close"), once(unused, "close")];
    await Promise.all([app.close(), ...ends]);
  });

  test("lets what is under way end, takes no more streams, and then ends the session", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const handle = () => {
      begin();
      return ended;
    };
    const { app, session } = await open({ handle, closeTimeoutMs: 60_000 });
    const answer = get(session);
    await begun;
    const goaway = once(session, "goaway");
    const closed = app.close();
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
    end();
    expect((await answer).status).toBe(200);
    await closed;
  });

  test("ends a session that begins meanwhile", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const handle = () => {
      begin();
      return ended;
    };
    const { app, session, port, address } = await open({ handle, closeTimeoutMs: 60_000 });
    const answer = get(session);
    await begun;
    const socket = connectTcp(port, "127.0.0.1");
    await once(app.server, "connection");
    const goaway = once(session, "goaway");
    const closed = app.close();
    await goaway;
    const createConnection = () => connectTls({ socket, ca: tls.cert, servername: "localhost", ALPNProtocols: ["h2"] });
    const late = connect(address, { createConnection });
    onTestFinished(() => late.destroy());
    await new Promise((resolve) => late.on("error", () => {}).once("close", resolve));
    end();
    expect((await answer).status).toBe(200);
    await closed;
  });

  test("ends what is still busy after its time", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const handle = () => {
      begin();
      return new Promise<void>(() => {});
    };
    const { app, session } = await open({ handle, closeTimeoutMs: 50 });
    const answer = get(session);
    await begun;
    await Promise.all([app.close(), once(session, "close")]);
    expect((await answer).status).toBeUndefined();
  });
});
