import { startParley } from "./parley-in-process.ts";
import { createDataDir } from "./parley-process.ts";
import { openTransports, type Transports } from "./protocols.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "./tenant.ts";

/** A Parley in the test's own process that can be started again on the same data, with callers. */
export type ParleySession = {
  readonly address: string;
  readonly adminKey: string;
  readonly transports: Transports;
  /** The administrator, over gRPC. */
  readonly admin: Services;
  /** A new application, over gRPC. */
  createTenant(): Promise<Tenant>;
  /** The same application after a restart, or with another key. */
  reopen(tenant: Tenant, key?: string): Tenant;
  /** Stops it in order and starts it again. Transports and services from before are of no more use. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export async function openParleySession(environment: Record<string, string> = {}): Promise<ParleySession> {
  const dataDir = await createDataDir();
  const start = () => startParley({ ...environment, DATA_DIR: dataDir.path });
  let parley = await start();
  let transports = openTransports(parley);
  const stop = async () => {
    transports.close();
    await parley.stop();
  };
  return {
    get address() {
      return parley.address;
    },
    get adminKey() {
      return parley.adminKey;
    },
    get transports() {
      return transports;
    },
    get admin() {
      return servicesOf(transports.grpc, parley.adminKey);
    },
    createTenant: () => createTenant(transports.grpc, parley.adminKey),
    reopen: ({ name, key }, other = key) => ({ name, key: other, ...servicesOf(transports.grpc, other) }),
    async restart() {
      await stop();
      parley = await start();
      transports = openTransports(parley);
    },
    async close() {
      await stop();
      await dataDir.remove();
    },
  };
}
