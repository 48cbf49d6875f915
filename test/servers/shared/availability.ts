import { addressIn } from "../address.ts";
import { findHost } from "../host/find-host.ts";
import { MissingServerError } from "../host/missing-server-error.ts";
import { SERVER_KINDS, SERVER_PROFILES, type ServerKind } from "../server-profiles.ts";

/** Why a kind of server cannot be had; kinds that can be are absent. */
export type MissingServers = Partial<Record<ServerKind, string>>;

/** What suites can have here. */
export type Availability = {
  /** Servers of which nothing but the address is needed. */
  shared: MissingServers;
  /** Servers that a suite starts, ends and harms. */
  own: MissingServers;
};

async function whyMissing(kind: ServerKind, environment: NodeJS.ProcessEnv, install: boolean): Promise<string> {
  try {
    await findHost(kind, SERVER_PROFILES[kind], environment, install);
    return "";
  } catch (error) {
    if (error instanceof MissingServerError) return error.message;
    throw error;
  }
}

/** Looks for every kind of server, one after the other, since installers do not like company. */
export async function readAvailability(environment: NodeJS.ProcessEnv, install: boolean): Promise<Availability> {
  const availability: Availability = { shared: {}, own: {} };
  for (const kind of SERVER_KINDS) {
    const reason = await whyMissing(kind, environment, install);
    if (!reason) continue;
    availability.own[kind] = reason;
    if (!addressIn(environment, kind)) availability.shared[kind] = reason;
  }
  return availability;
}
