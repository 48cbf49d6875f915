import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ByteStream, openByteStream } from "./byte-stream.ts";
import { openScene, REQUEST_MAX_BYTES, type Scene } from "./scene.ts";

let scene: Scene;
let state: Record<string, string>;
const open: ByteStream[] = [];

beforeAll(async () => {
  scene = await openScene();
  state = await scene.readState();
});

afterEach(async () => {
  for (const stream of open.splice(0)) stream.destroy();
  expect(await scene.readState()).toEqual(state);
  scene.expectNoFault();
});

afterAll(async () => {
  await scene.close();
});

async function connect(address = scene.parley.address): Promise<ByteStream> {
  const stream = await openByteStream(address);
  open.push(stream);
  return stream;
}

const BODY = '{"body":"smuggled"}';

/** A create of REST that would succeed, in its parts. */
type Parts = { line: string; headers: string[]; body: string };

function createMessage(): Parts {
  const { names, tenant } = scene;
  return {
    line: `POST /v1/${names.chat}/messages HTTP/1.1`,
    headers: ["Host: x", `Authorization: Bearer ${tenant.key}`, "Content-Type: application/json"],
    body: BODY,
  };
}

function format({ line, headers, body }: Parts): string {
  return [line, ...headers, "", body].join("\r\n");
}

const length = `Content-Length: ${BODY.length}`;
const chunked = "Transfer-Encoding: chunked";
const adding =
  (...headers: string[]) =>
  (parts: Parts): string =>
    format({ ...parts, headers: [...parts.headers, ...headers] });
const chunks =
  (body: string) =>
  (parts: Parts): string =>
    format({ ...parts, headers: [...parts.headers, chunked], body });
const line =
  (change: (line: string) => string) =>
  (parts: Parts): string =>
    format({ ...parts, line: change(parts.line), headers: [...parts.headers, length] });

/** The statuses of the answers, one after another. */
function statusesIn(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status!);
}

const hex = BODY.length.toString(16);

/** What no HTTP is, and the status that the connection is closed with. */
const BROKEN: [name: string, status: RegExp, make: (parts: Parts) => string | Buffer][] = [
  ["the hello of TLS", /^400$/, () => Buffer.from("16030100c8010000c40303", "hex")],
  ["the preface of HTTP/2", /^(400|505)$/, () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["random bytes", /^400$/, () => Buffer.from("00ff10807f0a0d0a", "hex")],
  ["HTTP/9.9", /^(400|505)$/, line((text) => text.replace("1.1", "9.9"))],
  ["HTTP/0.9, which has no header for a credential", /^40[01]$/, () => "GET /v1/applications\r\n\r\n"],
  ["a method in small letters", /^400$/, line((text) => text.replace("POST", "post"))],
  ["a method of its own", /^400$/, line((text) => text.replace("POST", "CREATE"))],
  ["a byte above ASCII in the target", /^400$/, line((text) => text.replace("/v1", "/v1\u00e9"))],
  ["a control character in the target", /^400$/, line((text) => text.replace("/v1", "/\0v1"))],
  ["no host", /^400$/, (parts) => adding(length)({ ...parts, headers: parts.headers.slice(1) })],
  ["two lengths", /^400$/, adding(length, "Content-Length: 1")],
  ["a length and chunks", /^400$/, adding(length, chunked)],
  ["chunks that are not the last coding", /^400$/, adding(`${chunked}, identity`)],
  ["chunks by another name", /^(400|501)$/, adding("Transfer-Encoding: xchunked")],
  ["a negative length", /^400$/, adding("Content-Length: -1")],
  ["a length with a sign", /^400$/, adding(`Content-Length: +${BODY.length}`)],
  ["a length in hexadecimal", /^400$/, adding(`Content-Length: 0x${hex}`)],
  ["a length above 64 bits", /^400$/, adding(`Content-Length: ${"9".repeat(30)}`)],
  ["a space before a colon", /^400$/, adding(length, "X-A : 1")],
  ["a header without a colon", /^400$/, adding(length, "nonsense")],
  ["NUL in a header", /^400$/, adding(length, "X-A: a\0b")],
  ["a lone CR in a header", /^400$/, adding(length, "X-A: a\rb")],
  ["a chunk's size in no hexadecimal", /^400$/, chunks("zz\r\n")],
  ["a chunk's size above 64 bits", /^400$/, chunks(`${"f".repeat(17)}\r\n`)],
  ["a negative chunk", /^400$/, chunks(`-1\r\n${BODY}`)],
  ["a chunk longer than its size", /^400$/, chunks(`1\r\n${BODY}\r\n0\r\n\r\n`)],
  ["20 KB of a chunk's extensions", /^4(00|13)$/, chunks(`${hex};${"a".repeat(20_000)}\r\n${BODY}\r\n0\r\n\r\n`)],
  ["a header of 20 KB", /^431$/, adding(length, `X-A: ${"a".repeat(20_000)}`)],
  ["2,000 headers of 20 KB", /^431$/, adding(length, ...Array<string>(2_000).fill("X-Aaa: aaa"))],
  ["a URL of 20 KB", /^(414|431)$/, line((text) => text.replace(" HTTP", `?a=${"a".repeat(20_000)} HTTP`))],
  ["a cookie of 100 KB", /^431$/, adding(length, `Cookie: ${"a=b; ".repeat(20_000)}`)],
];

describe("a connection is closed, with a status, for", () => {
  test.each(BROKEN)("%s", async (_, status, make) => {
    const stream = await connect();
    stream.write(make(createMessage()));
    const text = (await stream.ended()).toString();
    expect(statusesIn(text)).toEqual([expect.stringMatching(status)]);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(JSON.parse(text.slice(text.indexOf("{")))).toMatchObject({ error: { details: [{ domain: "parley" }] } });
  });
});

describe("a body that does not come", () => {
  test("and was said to be above the limit is not waited for", async () => {
    const stream = await connect();
    stream.write(adding(`Content-Length: ${REQUEST_MAX_BYTES + 1}`)({ ...createMessage(), body: "" }));
    const text = (await stream.ended()).toString();
    expect(statusesIn(text)).toEqual(["413"]);
    expect(text).toContain("REQUEST_TOO_LARGE");
  });

  test("and is announced with Expect is not asked for where it is too large", async () => {
    const stream = await connect();
    stream.write(
      adding(`Content-Length: ${REQUEST_MAX_BYTES + 1}`, "Expect: 100-continue")({ ...createMessage(), body: "" }),
    );
    expect(statusesIn((await stream.ended()).toString()).at(-1)).toBe("413");
  });

  test.each([
    ["by its length", adding(`Content-Length: ${BODY.length + 1}`)],
    ["in chunks", chunks(`${hex}\r\n${BODY}\r\n`)],
  ])("whole, %s, because the caller closed its side, is no request", async (_, make) => {
    const stream = await connect();
    stream.write(make(createMessage()));
    stream.halfClose();
    expect(statusesIn((await stream.ended()).toString()).join()).toMatch(/^(400)?$/);
  });
});

test("a caller who closes its side after a whole request is gone, and so is its connection", async () => {
  const stream = await connect();
  stream.write(adding("Content-Length: 0", "X-HTTP-Method-Override: DELETE")({ ...createMessage(), body: "" }));
  stream.halfClose();
  expect(statusesIn((await stream.ended()).toString()).join()).toMatch(/^(400)?$/);
});

describe("a connection goes on", () => {
  const get = (path: string, ...headers: string[]) =>
    [`GET ${path} HTTP/1.1`, "Host: x", `Authorization: Bearer ${scene.tenant.key}`, ...headers, "", ""].join("\r\n");
  const closing = () => get("/healthz", "Connection: close");

  test("after requests that are refused", async () => {
    const stream = await connect();
    const refused = [
      get("/v1/nope"),
      get("/v1/%zz"),
      adding(length)({ ...createMessage(), body: BODY.replace("{", "[") }),
    ];
    stream.write(refused.join("") + get(`/v1/${scene.names.chat}`) + closing());
    expect(statusesIn((await stream.ended()).toString())).toEqual(["404", "400", "400", "200", "200"]);
  });

  test("for some requests that are sent at once; one too many ends it", async () => {
    const stream = await connect();
    stream.write(get(`/v1/${scene.names.chat}`).repeat(200));
    const statuses = statusesIn((await stream.ended()).toString());
    expect(statuses.length).toBeGreaterThan(16);
    expect(statuses.join(" ")).toMatch(/^(200 )+429$/);
  });

  test("for a URL with an origin", async () => {
    const stream = await connect();
    stream.write(get(`http://example.com/v1/${scene.names.chat}`) + closing());
    expect(statusesIn((await stream.ended()).toString())).toEqual(["200", "200"]);
  });

  test.each(["OPTIONS * HTTP/1.1", "GET * HTTP/1.1"])("to an answer for %s", async (requestLine) => {
    const stream = await connect();
    stream.write(`${requestLine}\r\nHost: x\r\n\r\n${closing()}`);
    const [first, ...others] = statusesIn((await stream.ended()).toString());
    expect(first).toMatch(/^(204|4\d\d)$/);
    expect(others).toEqual(["200"]);
  });

  test("where it asks for another protocol, which there is not", async () => {
    const stream = await connect();
    const upgrade = ["Connection: Upgrade", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"];
    stream.write(get(`/v1/${scene.names.chat}`, ...upgrade));
    await expect.poll(() => statusesIn(stream.received().toString())).toEqual(["200"]);
    stream.write(closing());
    expect(statusesIn((await stream.ended()).toString())).toEqual(["200", "200"]);
  });
});
