import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createGrpcJsTransport } from "../../test/grpc-js-transport.ts";
import { createDataDir, type ParleyProcess, startParleyProcess } from "../../test/parley-process.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "../../test/tenant.ts";
import { EmbeddedMessages } from "../check/embedded-messages.ts";

/** The embedded default, as a benchmark drives it. */
export type EmbeddedParley = {
  /** `host:port` */
  grpcAddress: string;
  tenant: Tenant;
  /** The services, called with the admin key. */
  admin: Services;
  stored: EmbeddedMessages;
  pids: { parley: number };
  close(): Promise<void>;
};

/** So that no case meets the limit of what may wait for the database. */
const QUEUE_BYTES_MAX = 2 ** 31;

/** Does what `npm start` does, but for npm, and waits until it is ready. */
export async function startEmbedded(dataDir: string): Promise<ParleyProcess> {
  const { scripts } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    scripts: { start: string };
  };
  const environment = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    QUEUE_BYTES_MAX: String(QUEUE_BYTES_MAX),
  };
  const parley = await startParleyProcess(dataDir, environment, ["sh", "-c", scripts.start]);
  const endAtExit = () => parley.child.kill("SIGKILL");
  process.on("exit", endAtExit);
  parley.child.on("exit", () => process.off("exit", endAtExit));
  return parley;
}

/** Starts it on a folder of its own. */
export async function openEmbeddedParley(): Promise<EmbeddedParley> {
  const { path } = await createDataDir();
  const parley = await startEmbedded(path);
  const transport = createGrpcJsTransport(parley.grpcAddress);
  return {
    grpcAddress: parley.grpcAddress,
    tenant: await createTenant(transport, parley.adminKey),
    admin: servicesOf(transport, parley.adminKey),
    stored: new EmbeddedMessages(path),
    pids: { parley: parley.child.pid! },
    async close() {
      transport.close();
      await parley.end("SIGTERM");
      await rm(path, { recursive: true, force: true });
    },
  };
}
