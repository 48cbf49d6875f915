import { createClient } from "@connectrpc/connect";
import { afterEach, expect, test } from "vitest";
import { AuthService } from "../../../gen/parley/v1/auth_service_pb.ts";
import { failureOf, failuresOf } from "../../failure.ts";
import { openParleySession, type ParleySession } from "../../parley-session.ts";
import { PROTOCOLS } from "../../protocols.ts";
import { servicesOf } from "../../tenant.ts";

const CALLS = 8;

let session: ParleySession;
afterEach(() => session.close());

async function open(environment: Record<string, string> = {}) {
  session = await openParleySession({ ADDRESS_CALLS_PER_MINUTE: String(CALLS), ...environment });
  return session.createTenant();
}

test.each(PROTOCOLS)("over %s an address tries so many keys, whatever it says of itself", async (protocol) => {
  const tenant = await open();
  const { applications } = servicesOf(session.transports[protocol], "parley_not_a_key");
  const headers = (call: number) => ({
    "parley-client-address": `203.0.113.${call}`,
    "x-forwarded-for": `203.0.113.${call}`,
  });
  const attempt = async (call: number) =>
    (await failureOf(applications.getApplication({ name: tenant.name }, { headers: headers(call) }))).reason;
  for (let call = 1; call <= CALLS; call++) expect(await attempt(call)).toBe("CREDENTIAL_INVALID");
  expect(await attempt(CALLS + 1)).toBe("RATE_LIMITED");
  // Whoever has a key in force is not held back by others at its address.
  await tenant.applications.getApplication({ name: tenant.name });
});

test("users at an address share what it has, and methods that need no credential do, too", async () => {
  const tenant = await open();
  const { name } = await tenant.users.createUser({ parent: tenant.name, userId: "ann", user: { displayName: "Ann" } });
  const { accessToken } = await tenant.auth.createUserTokens({ name });
  const ann = servicesOf(session.transports.grpc, accessToken);
  const auth = createClient(AuthService, session.transports.connect);
  for (let call = 1; call <= CALLS / 2; call++) {
    await ann.users.getUser({ name });
    await auth.getJsonWebKeySet({});
  }
  for (const failure of await failuresOf([ann.users.getUser({ name }), auth.getJsonWebKeySet({})])) {
    expect(failure).toMatchObject({ metadata: { limit: "address-calls-minute" } });
  }
});

test("behind a trusted proxy each of its clients has an address", async () => {
  await open({ TRUST_PROXY: "loopback" });
  const auth = createClient(AuthService, session.transports.connect);
  const call = (client: string) => auth.getJsonWebKeySet({}, { headers: { "x-forwarded-for": client } });
  for (let done = 0; done < CALLS; done++) await call("203.0.113.1");
  expect(await failureOf(call("203.0.113.1"))).toMatchObject({ reason: "RATE_LIMITED" });
  await call("203.0.113.2");
});
