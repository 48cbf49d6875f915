import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { describe, expect, test } from "vitest";
import { exchange } from "../../rest-transport.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { type KitchenEdgeOptions, openEdge } from "./kitchen-edge.ts";

const ORIGIN = "https://chat.example";
const CONNECT = "/kitchen.v1.KitchenService/PostSink";

const preflight = (headers: Record<string, string> = {}) => ({
  method: "OPTIONS",
  headers: { origin: ORIGIN, "access-control-request-method": "POST", ...headers },
});

/** The names of an answer's headers that belong to CORS. */
function corsNames(headers: Headers): string[] {
  return [...headers.keys()].filter((name) => name.startsWith("access-control-"));
}

async function open(corsOrigins: string[] | undefined, options: KitchenEdgeOptions = {}) {
  const edge = await openEdge({ ...options, ...(corsOrigins && { corsOrigins }) });
  return {
    ...edge,
    ask: (path: string, request: Parameters<typeof exchange>[1]) => exchange(edge.address + path, request),
  };
}

describe("a preflight", () => {
  test.each(["/v1/sink", "/v1/nowhere", CONNECT, "/kitchen.v1.KitchenService/Nothing"])(
    "for %s is answered, and is no call",
    async (path) => {
      const { ask, calls } = await open([ORIGIN, "https://other.example"]);
      const { status, headers, body } = await ask(path, preflight());
      expect(status).toBe(204);
      expect(body).toHaveLength(0);
      expect(headers.get("access-control-allow-origin")).toBe(ORIGIN);
      expect(headers.get("access-control-allow-methods")).toBe("GET, HEAD, POST, PUT, PATCH, DELETE");
      expect(Number(headers.get("access-control-max-age"))).toBeGreaterThanOrEqual(3_600);
      expect(headers.get("vary")).toBe("Origin, Access-Control-Request-Headers");
      expect(headers.has("access-control-allow-credentials")).toBe(false);
      await ask("/v1/sink", { method: "GET" });
      await expect.poll(() => calls.length).toBe(1);
    },
  );

  test("allows what REST, Connect and gRPC-Web send, and metadata of any name that is asked for", async () => {
    const { ask } = await open([ORIGIN]);
    const asked = "authorization, grpc-metadata-tenant,X-Secret";
    const { headers } = await ask("/v1/sink", preflight({ "access-control-request-headers": asked }));
    const allowed = headers.get("access-control-allow-headers")!.toLowerCase().split(", ");
    expect(allowed).toEqual(
      expect.arrayContaining([
        ...["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "request-timeout"],
        ...["grpc-timeout", "x-request-id", "traceparent", "tracestate", "connect-protocol-version"],
        ...["connect-timeout-ms", "x-grpc-web", "x-user-agent", "grpc-metadata-tenant"],
      ]),
    );
    expect(allowed).not.toContain("x-secret");
    expect(allowed).not.toContain("*");
  });

  test.each([
    ["of an origin that is not listed", [ORIGIN], "https://evil.example"],
    ["of an origin that begins like one", [ORIGIN], `${ORIGIN}.evil.example`],
    ["of an origin without a name", [ORIGIN], "null"],
    ["where none is listed", undefined, ORIGIN],
  ])("%s allows nothing", async (_name, corsOrigins, origin) => {
    const { ask } = await open(corsOrigins);
    const { headers } = await ask("/v1/sink", preflight({ origin }));
    expect(corsNames(headers)).toEqual([]);
  });

  test("that is none, without a method asked for, is an OPTIONS like any other", async () => {
    const { ask } = await open([ORIGIN]);
    const { status, headers } = await ask("/v1/sink", { method: "OPTIONS", headers: { origin: ORIGIN } });
    expect(status).toBe(204);
    expect(headers.get("allow")).toContain("GET");
    expect(headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });
});

describe("an answer", () => {
  const json = { "content-type": "application/json" };

  test.each<[name: string, path: string, request: Parameters<typeof exchange>[1], status: number]>([
    ["that went well", "/v1/sink", { method: "GET" }, 200],
    ["of Connect", CONNECT, { method: "POST", headers: json, body: "{}" }, 200],
    ["of Connect, an error", CONNECT, { method: "POST", headers: json, body: '{"aString": "refused"}' }, 409],
    [
      "of Connect, for a type that it does not take",
      CONNECT,
      { method: "POST", headers: { "content-type": "x/y" } },
      415,
    ],
    ["for an unknown path", "/v1/nowhere", { method: "GET" }, 404],
    ["for another method", "/v1/sink", { method: "DELETE" }, 405],
    [
      "for a body that is too large",
      "/v1/sink",
      { method: "POST", headers: json, body: `"${"x".repeat(2_000)}"` },
      413,
    ],
    ["for a path that cannot be decoded", "/v1/%zz", { method: "GET" }, 400],
  ])("%s can be read by a listed origin's page alone", async (_name, path, request, status) => {
    const { ask } = await open([ORIGIN]);
    const send = (origin: string) => ask(path, { ...request, headers: { ...request.headers, origin } });
    const [mine, others] = [await send(ORIGIN), await send("https://evil.example")];
    expect([mine.status, others.status]).toEqual([status, status]);
    expect(mine.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(corsNames(others.headers)).toEqual([]);
    for (const { headers } of [mine, others]) expect(headers.get("vary")).toContain("Origin");
  });

  test("exposes the headers of REST, Connect and gRPC-Web", async () => {
    const { ask } = await open([ORIGIN]);
    const { headers } = await ask("/v1/sink", { method: "GET", headers: { origin: ORIGIN } });
    expect(headers.get("access-control-expose-headers")!.toLowerCase().split(", ")).toEqual(
      expect.arrayContaining([
        ...["etag", "x-request-id", "allow", "retry-after", "ratelimit", "ratelimit-policy", "www-authenticate"],
        ...["grpc-status", "grpc-message", "grpc-status-details-bin", "*"],
      ]),
    );
  });

  test("is every page's where * is listed, but those of operations are not", async () => {
    const { ask } = await open(["*"]);
    const get = (path: string) => ask(path, { method: "GET", headers: { origin: "https://anybody.example" } });
    const { headers } = await get("/v1/sink");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("vary")).toBe("Authorization");
    for (const path of ["/metrics", "/healthz", "/openapi.json"])
      expect(corsNames((await get(path)).headers)).toEqual([]);
  });

  test("has nothing of it where no origin is listed", async () => {
    const { ask } = await open(undefined);
    const { headers } = await ask("/v1/sink", { method: "GET", headers: { origin: ORIGIN } });
    expect(corsNames(headers)).toEqual([]);
    expect(headers.get("vary")).toBe("Authorization");
  });
});

test.each([
  ["Connect", createConnectTransport],
  ["gRPC-Web", createGrpcWebTransport],
])("a browser's client of %s sends no header that a preflight does not allow", async (_name, createTransport) => {
  const { ask, address } = await open([ORIGIN]);
  let sent = new Headers();
  const transport = createTransport({
    baseUrl: address,
    fetch: (input, init) => {
      sent = new Headers(init?.headers);
      return fetch(input, init);
    },
  });
  const headers = { authorization: "Bearer x", "x-request-id": "1" };
  await createClient(KitchenService, transport).postSink({}, { headers, timeoutMs: 5_000 });
  const answer = await ask(CONNECT, preflight());
  const allowed = answer.headers.get("access-control-allow-headers")!.toLowerCase().split(", ");
  expect([...sent.keys()].filter((name) => !allowed.includes(name))).toEqual([]);
  expect([...sent.keys()]).toContain("authorization");
});
