import { connect } from "node:http2";
import { test } from "vitest";
import { ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { pathOf } from "./probe-client.ts";
import { startProbe } from "./probe-server.ts";
const { listen } = ProbeService.method;
test("bp", async () => {
  let produced = 0;
  const payload = new Uint8Array(16_384);
  const { port } = await startProbe({
    async *listen() { for (; produced < 10_000; produced++) yield { payload }; },
  });
  const s = connect(`http://127.0.0.1:${port}`);
  const r = s.request({ ":method": "POST", ":path": pathOf(listen), "content-type": "application/grpc", te: "trailers" });
  r.end(Buffer.alloc(5));
  r.pause();
  for (let i = 0; i < 5; i++) { await new Promise((r) => setTimeout(r, 200)); console.log(produced); }
  r.resume();
  for (let i = 0; i < 2; i++) { await new Promise((r) => setTimeout(r, 200)); console.log(produced); }
  s.destroy();
});
