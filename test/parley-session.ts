import { openParley } from "./open-parley.ts";
import { openTransports, type Transports } from "./protocols.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "./tenant.ts";

/** A Parley that can be started again on the same data, with callers. */
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

/** Opens a session with a Parley that has these settings, on what the suite runs on. */
export async function openParleySession(environment: Record<string, string> = {}): Promise<ParleySession> {
  const parley = await openParley(environment);
  let transports = openTransports(parley);
  return {
    get address() {
      return parley.address;
    },
    adminKey: parley.adminKey,
    get transports() {
      return transports;
    },
    get admin() {
      return servicesOf(transports.grpc, parley.adminKey);
    },
    createTenant: () => createTenant(transports.grpc, parley.adminKey),
    reopen: ({ name, key }, other = key) => ({ name, key: other, ...servicesOf(transports.grpc, other) }),
    async restart() {
      transports.close();
      await parley.restart();
      transports = openTransports(parley);
    },
    async close() {
      transports.close();
      await parley.close();
    },
  };
}
