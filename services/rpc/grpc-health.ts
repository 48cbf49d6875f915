import { Code, type ServiceImpl } from "@connectrpc/connect";
import { type Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../../gen/health/v1/health_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "./errors.ts";
import type { HealthStatus } from "./health-status.ts";

/**
 * grpc.health.v1 over the given statuses. The key is a service's full name; "" stands for the whole server.
 * An unknown name is NOT_FOUND in Check and SERVICE_UNKNOWN in Watch, as the protocol says.
 */
export function createGrpcHealth(statuses: ReadonlyMap<string, HealthStatus>): ServiceImpl<typeof Health> {
  return {
    check({ service }) {
      const health = statuses.get(service);
      if (!health) throw unknownService(service);
      return { status: servingStatus(health) };
    },

    async *watch({ service }, { signal }) {
      const health = statuses.get(service);
      let last: ServingStatus | undefined;
      for await (const _ of changesOf(health, signal)) {
        const status = servingStatus(health);
        if (status === last) continue;
        last = status;
        yield { status };
      }
    },

    list() {
      const entries = [...statuses].map(([service, health]) => [service, { status: servingStatus(health) }]);
      return { statuses: Object.fromEntries(entries) };
    },
  };
}

/** Once at first and then after changes, several of which may be one, until the signal aborts. */
async function* changesOf(health: HealthStatus | undefined, signal: AbortSignal): AsyncGenerator<void> {
  let changed = Promise.withResolvers<void>();
  const wake = () => changed.resolve();
  const unsubscribe = health?.onChange(wake);
  signal.addEventListener("abort", wake, { once: true });
  try {
    while (!signal.aborted) {
      yield;
      await changed.promise;
      changed = Promise.withResolvers<void>();
    }
  } finally {
    unsubscribe?.();
  }
}

function servingStatus(health: HealthStatus | undefined): ServingStatus {
  if (!health) return ServingStatus.SERVICE_UNKNOWN;
  return health.serving() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
}

function unknownService(service: string) {
  const message = `no service named "${service}" reports its health here; "" asks for the whole server`;
  return rpcError(Code.NotFound, ErrorReason.RESOURCE_NOT_FOUND, message, { resource: service });
}
