import { randomUUID } from "node:crypto";
import { beforeAll, describe, inject } from "vitest";
import type { ServerAddress } from "./address.ts";
import { SERVER_KINDS, type ServerKind } from "./server-profiles.ts";
import type { MissingServers } from "./shared/availability.ts";
import { askForServer, askForServers } from "./shared/server-desk.ts";

export type { ServerAddress } from "./address.ts";

/** To start a server that nobody has used yet, in milliseconds. */
const START_TIMEOUT_MS = 180_000;

/**
 * A suite that runs where servers can be had. Elsewhere it is skipped, under a name that says which are missing; under
 * CI=true it runs, and fails.
 */
function describeUnlessMissing(missing: MissingServers, kinds: readonly ServerKind[], name: string, body: () => void) {
  const absent = kinds.filter((kind) => missing[kind]);
  if (absent.length === 0) describe(name, body);
  else if (process.env.CI !== "true") describe.skip(`${name} (missing: ${absent.join(", ")})`, body);
  else {
    describe(name, () => {
      beforeAll(() => {
        throw new Error(absent.map((kind) => missing[kind]).join("\n"));
      });
      body();
    });
  }
}

/**
 * A suite on a server that it shares with others: what it stores has names of its own ({@link newName}), and it neither
 * ends the server nor changes how it is set up. Its address can be read in hooks and tests.
 */
export function describeOn(kind: ServerKind, name: string, body: (address: Readonly<ServerAddress>) => void): void {
  describeUnlessMissing(inject("serverAvailability").shared, [kind], name, () => {
    const address: ServerAddress = { url: "" };
    beforeAll(async () => {
      Object.assign(address, await askForServer(inject("serverDesk"), kind));
    }, START_TIMEOUT_MS);
    body(address);
  });
}

/** The same on servers of every kind. */
export function describeOnAll(
  name: string,
  body: (addresses: Readonly<Record<ServerKind, ServerAddress>>) => void,
): void {
  describeUnlessMissing(inject("serverAvailability").shared, SERVER_KINDS, name, () => {
    const addresses = {} as Record<ServerKind, ServerAddress>;
    beforeAll(async () => {
      Object.assign(addresses, await askForServers(inject("serverDesk")));
    }, START_TIMEOUT_MS);
    body(addresses);
  });
}

/** A suite that starts servers of its own with `startServer`. */
export function describeWithOwn(kinds: readonly ServerKind[], name: string, body: () => void): void {
  describeUnlessMissing(inject("serverAvailability").own, kinds, name, body);
}

/** A name that nobody has used: of a database, stream, index or installation, or a prefix of keys. */
export function newName(prefix = "test"): string {
  return `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}
