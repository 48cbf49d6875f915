import { expect, test } from "vitest";
import { failureOf } from "../failure.ts";
import { logLines } from "../parley-process.ts";
import { openTransports, PROTOCOLS } from "../protocols.ts";
import { createTenant, servicesOf } from "../tenant.ts";
import { openTalkative } from "./talkative-parley.ts";

/** What is logged of a call. */
type Logged = { reason: string; application?: string | undefined; user?: string | undefined };

test("the log says of a call that was refused why, and whose it was, by each protocol", async () => {
  const parley = await openTalkative();
  const transports = openTransports(parley);
  const tenant = await createTenant(transports.grpc, parley.adminKey);
  const { accessToken } = await tenant.auth.createUserTokens({ name: `${tenant.name}/users/ann`, createUser: true });
  const application = tenant.name.split("/")[1];
  const expected = new Map<string, Logged>();
  for (const protocol of PROTOCOLS) {
    const refuse = async (key: string, logged: Logged) => {
      const requestId = crypto.randomUUID();
      const { chats } = servicesOf(transports[protocol], key);
      const call = chats.getChat({ name: `${tenant.name}/chats/1` }, { headers: { "x-request-id": requestId } });
      expect(await failureOf(call)).toMatchObject({ reason: logged.reason });
      expected.set(requestId, { application: undefined, user: undefined, ...logged });
    };
    const missing = { reason: "RESOURCE_NOT_FOUND", application };
    await refuse(accessToken, { ...missing, user: "ann" });
    await refuse(tenant.key, missing);
    await refuse("parley_none", { reason: "CREDENTIAL_INVALID" });
  }
  transports.close();

  const calls = logLines(await parley.end()).filter(({ msg }) => msg === "call");
  for (const [requestId, logged] of expected) {
    const lines = calls.filter((line) => line.requestId === requestId);
    expect(new Set(lines.map(({ reason }) => reason))).toEqual(new Set([logged.reason]));
    // An edge in a process of its own does not know whose call it is; the api's line says it.
    const { reason, application, user } = Object.assign({}, ...lines) as Logged;
    expect({ reason, application, user }).toEqual(logged);
  }
});
