import { rm } from "node:fs/promises";
import { createGrpcJsTransport } from "../../test/grpc-js-transport.ts";
import { createDataDir, type ParleyProcess, startParleyProcess } from "../../test/parley-process.ts";
import { createTenant, type Tenant } from "../../test/tenant.ts";
import { EmbeddedMessages } from "./embedded-messages.ts";

/** What `npm start` runs, as a benchmark drives it. */
export type EmbeddedParley = {
  /** `host:port` */
  grpcAddress: string;
  tenant: Tenant;
  stored: EmbeddedMessages;
  process: ParleyProcess;
  pids: { parley: number };
  close(): Promise<void>;
};

/** So that no case meets the limit of what may wait for the database. */
const QUEUE_BYTES_MAX = 2 ** 31;

/** Starts `npm start`'s program, with its flags, on a folder of its own. */
export async function openEmbeddedParley(): Promise<EmbeddedParley> {
  const { path } = await createDataDir();
  const parley = await startParleyProcess(path, { QUEUE_BYTES_MAX: String(QUEUE_BYTES_MAX) });
  const endAtExit = () => parley.child.kill("SIGKILL");
  process.on("exit", endAtExit);
  const transport = createGrpcJsTransport(parley.grpcAddress);
  return {
    grpcAddress: parley.grpcAddress,
    tenant: await createTenant(transport, parley.adminKey),
    stored: new EmbeddedMessages(path),
    process: parley,
    pids: { parley: parley.child.pid! },
    async close() {
      transport.close();
      process.off("exit", endAtExit);
      await parley.end("SIGTERM");
      await rm(path, { recursive: true, force: true });
    },
  };
}
