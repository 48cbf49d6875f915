import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { failureOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { logLines } from "../parley-process.ts";
import { openTransports, PROTOCOLS } from "../protocols.ts";
import { exchange } from "../rest-transport.ts";
import { createTenant, servicesOf, type Tenant, withKey } from "../tenant.ts";
import { type Names, namesIn } from "./rpc-case.ts";
import { RPC_CASES } from "./rpc-cases.ts";
import { openTalkative } from "./talkative-parley.ts";

const SENTINEL = "SENTINEL-of-a-body";

/** Calls that go well and say the sentinel wherever a caller can say something. */
async function talk(tenant: Tenant): Promise<Names> {
  const { chats, messages, search, applications, name: application } = tenant;
  const { name: chat } = await chats.createChat({
    parent: application,
    chat: { title: SENTINEL, metadata: { [SENTINEL]: SENTINEL } },
  });
  const author = { user: SENTINEL, displayName: SENTINEL };
  const { name: message } = await messages.createMessage({ parent: chat, message: { ...text(SENTINEL), author } });
  await messages.updateMessage({ message: { name: message, ...text(`${SENTINEL} again`) } });
  await search.searchMessages({ parent: chat, query: SENTINEL });
  await applications.updateApplication({ application: { name: application, displayName: SENTINEL } });
  return { ...namesIn(application), chat, message };
}

/** What users do with their passwords and tokens, right or wrong; resolves with all tokens that were given. */
async function logInAndOut({ auth, users, name: parent }: Tenant): Promise<string[]> {
  const [email, user] = [`me.${SENTINEL}@example.com`, `${parent}/users/${SENTINEL}`];
  await users.createUser({ parent, userId: SENTINEL, user: { displayName: SENTINEL, metadata: { k: SENTINEL } } });
  const given = await auth.createUserTokens({ name: user, refreshable: true, device: SENTINEL });
  const next = await auth.refreshTokens({ parent, refreshToken: given.refreshToken });
  await auth.registerUser({ parent, email, password: SENTINEL, displayName: SENTINEL });
  await auth.requestPasswordReset({ parent, email });
  const refused = [
    auth.logIn({ parent, email, password: SENTINEL }),
    auth.activateUser({ parent, token: SENTINEL, password: SENTINEL }),
    auth.resetPassword({ parent, token: SENTINEL, newPassword: `${SENTINEL} ${SENTINEL}` }),
    auth.refreshTokens({ parent, refreshToken: SENTINEL }),
  ];
  for (const failure of await Promise.all(refused.map(failureOf))) expect(failure.domain).toBe("parley");
  return [given, next].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]);
}

/** Requests that fail before they become a call, with the sentinel in every part. */
async function babble(address: string, key: string, { chat }: Names): Promise<void> {
  const json = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    exchange(address + path, { method, headers, body });
  const answers = await Promise.all([
    send("POST", `/v1/${chat}/messages`, json, `{"body": "${SENTINEL}`),
    send("POST", `/v1/${chat}/messages`, json, `{"${SENTINEL}": 1}`),
    send("POST", `/v1/${chat}/messages`, json, JSON.stringify({ body: SENTINEL.repeat(50_000) })),
    send("POST", `/v1/${chat}/messages`, { ...json, "content-type": SENTINEL }, SENTINEL),
    send("GET", `/v1/${chat}/messages:search?query=${SENTINEL}&${SENTINEL}=1`, json),
    send("GET", `/v1/${SENTINEL}/%zz`, json),
    send("GET", `/v1/${chat}/message`, json),
    send("PUT", `/v1/${chat}`, json, SENTINEL),
    send("GET", `/v1/${chat}`, { authorization: `Bearer ${SENTINEL}`, "x-request-id": "a b" }),
    send("POST", "/parley.v1.MessageService/CreateMessage", json, `{"parent": "${SENTINEL}"`),
    send("POST", "/parley.v1.MessageService/CreateMessage", { ...json, "content-type": "application/proto" }, SENTINEL),
  ]);
  for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(400);
}

test("at LOG_LEVEL=trace no line of the log holds a body, a name or a key", async () => {
  const parley = await openTalkative();
  const transports = openTransports(parley);
  const keys = [parley.adminKey];
  for (const protocol of PROTOCOLS) {
    const tenant = await createTenant(transports[protocol], parley.adminKey);
    const names = await talk(tenant);
    keys.push(...(await logInAndOut(tenant)));
    for (const { method, request } of RPC_CASES.filter(({ as }) => as !== "anyone")) {
      const unknown = withKey(transports[protocol], `parley_${SENTINEL}`);
      const call = unknown.unary(method, undefined, undefined, undefined, create(method.input, request(names)));
      expect(await failureOf(call)).toMatchObject({ code: "Unauthenticated" });
    }
    const { apiKey } = await tenant.applications.rotateApiKey({ name: tenant.name });
    keys.push(tenant.key, apiKey);
    await babble(parley.address, apiKey, names);
    const { applications } = servicesOf(transports[protocol], parley.adminKey);
    await applications.deleteApplication({ name: names.application, force: true });
  }
  transports.close();

  const output = await parley.end();
  const lines = logLines(output);
  const calls = lines.filter(({ msg }) => msg === "call");
  expect(new Set(calls.map(({ protocol }) => protocol))).toEqual(new Set(PROTOCOLS));
  expect(calls.length).toBeGreaterThan(RPC_CASES.length * PROTOCOLS.length);
  const everything = output.stdout + output.stderr;
  expect(everything).not.toContain(SENTINEL);
  expect(everything).not.toMatch(/applications\/[0-9a-z]{26}/);
  for (const key of keys) expect(everything).not.toContain(key);
});
