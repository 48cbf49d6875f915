import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createCertificate } from "../../certificate.ts";
import { createDataDir, logLines, type ParleyProcess, startParleyProcess } from "../../parley-process.ts";
import { openByteStream } from "./byte-stream.ts";
import { FATAL_ATTACKS } from "./http2-attacks.ts";
import { expectAnswers, type Http2Caller } from "./http2-call.ts";
import { FRAME, type Http2Wire, openHttp2Wire } from "./http2-wire.ts";

type Door = {
  name: string;
  isSecure: boolean;
  contentType: Http2Caller["contentType"];
  port(parley: ParleyProcess): string;
};

const DOORS: readonly Door[] = [
  { name: "gRPC", isSecure: false, contentType: "application/grpc", port: ({ grpcAddress }) => grpcAddress },
  { name: "gRPC over TLS", isSecure: true, contentType: "application/grpc", port: ({ grpcAddress }) => grpcAddress },
  { name: "the edge over TLS", isSecure: true, contentType: "application/proto", port: ({ address }) => address },
];

async function startSecure(dataDir: string, folder: string): Promise<ParleyProcess> {
  const { cert, key } = createCertificate();
  const [TLS_CERT_FILE, TLS_KEY_FILE] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await writeFile(TLS_CERT_FILE, cert);
  await writeFile(TLS_KEY_FILE, key);
  return startParleyProcess(dataDir, { TLS_CERT_FILE, TLS_KEY_FILE, LOG_LEVEL: "warn" });
}

describe.each(DOORS)("$name: a session is ended, and others go on, for", ({ isSecure, contentType, port }) => {
  let folder: string;
  let dataDir: Awaited<ReturnType<typeof createDataDir>>;
  let parley: ParleyProcess;
  let caller: Http2Caller;
  const open: { destroy(): void }[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-test-"));
    dataDir = await createDataDir();
    const start = () => startParleyProcess(dataDir.path, { LOG_LEVEL: "warn" });
    parley = await (isSecure ? startSecure(dataDir.path, folder) : start());
    caller = { key: parley.adminKey, contentType };
  });

  afterEach(() => {
    for (const each of open.splice(0)) each.destroy();
    expect(parley.child.exitCode).toBeNull();
    expect(logLines(parley.output)).toEqual([]);
  });

  afterAll(async () => {
    expect(await parley.end("SIGTERM")).toBe(0);
    await dataDir.remove();
    await rm(folder, { recursive: true });
  });

  async function connect(): Promise<Http2Wire> {
    const wire = await openHttp2Wire(port(parley), isSecure);
    open.push(wire);
    return wire;
  }

  test.each(FATAL_ATTACKS)("%s", async (_, make) => {
    const [attacker, bystander] = [await connect(), await connect()];
    attacker.write(...make(caller));
    await expectAnswers(bystander, caller);
    await attacker.ended();
    const goAway = attacker.frames().find(({ type }) => type === FRAME.goAway);
    if (goAway) expect(goAway.payload.readUInt32BE(4)).not.toBe(0);
  });

  test.each([
    ["HTTP/1.1", "POST /parley.v1.ChatService/GetChat HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"],
    ["the hello of TLS, cut off", Buffer.from("16030100c8010000c40303", "hex")],
    ["random bytes", Buffer.alloc(1_000, 0xa5)],
  ])("%s instead of it", async (_, bytes) => {
    const stream = await openByteStream(port(parley));
    open.push(stream);
    stream.write(bytes);
    stream.halfClose();
    await stream.ended();
  });
});
