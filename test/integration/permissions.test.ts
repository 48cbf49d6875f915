import { create, type Message } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessOf } from "../../services/auth/access-policy.ts";
import { PARLEY_SERVICES } from "../../services/parley-services.ts";
import { failureFrom } from "../failure.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { createPerson } from "../person.ts";
import { PROTOCOLS, type Protocol } from "../protocols.ts";
import { withKey } from "../tenant.ts";
import {
  BAD_CREDENTIALS,
  type BadCredential,
  CAST,
  type Caller,
  PLACES,
  type Place,
  type UserId,
} from "./permissions/cast.ts";
import { deniedFields } from "./permissions/denied-fields.ts";
import { expectedAccess, REMOVED } from "./permissions/expected-access.ts";
import { PERMISSION_CASES, type PermissionCase } from "./permissions/permission-cases.ts";
import { nameOf, SECRET, type Stage, setStage } from "./permissions/stage.ts";

/** What access alone answers. A resource that does not exist is that also to who may do everything. */
const DENIALS = ["METHOD_DENIED", "ROLE_DENIED", "FIELD_DENIED", "MUTED", "CREDENTIAL_MISSING", "CREDENTIAL_INVALID"];

const CALLERS: readonly Caller[] = [
  ...(["admin", "backend", "foreign backend", "foreign user"] as const).map((kind) => ({ kind })),
  ...Object.keys(CAST).map((user) => ({ kind: "user" as const, user: user as UserId })),
];

let session: ParleySession;
let stage: Stage;
beforeAll(async () => {
  session = await openParleySession();
  stage = await setStage(session);
});
afterAll(() => session.close());

function keyOf(caller: Caller): string {
  switch (caller.kind) {
    case "admin":
      return session.adminKey;
    case "backend":
      return stage.tenant.key;
    case "foreign backend":
      return stage.foreign.tenant.key;
    case "foreign user":
      return stage.foreign.user.token;
    case "user":
      return stage.people[caller.user].token;
  }
}

/** The reason for which a call failed, undefined where it did not; and all that its caller was told. */
type Outcome = { reason: string | undefined; text: string };

async function call(
  transport: Transport,
  { method }: Pick<PermissionCase, "method">,
  request: object,
): Promise<Outcome> {
  try {
    await transport.unary(method, undefined, undefined, undefined, create(method.input, request as never) as Message);
    return { reason: undefined, text: "" };
  } catch (error) {
    const failure = failureFrom(error);
    return { reason: failure.reason, text: JSON.stringify(failure) };
  }
}

async function callAs(caller: Caller, each: PermissionCase, place: Place, protocol: Protocol): Promise<Outcome> {
  const name = nameOf(each, place, caller, stage);
  if (each.removes && place === "group") {
    await stage.tenant.members.addMembers({ parent: stage.chats.group, users: [REMOVED] });
  }
  const outcome = await call(withKey(session.transports[protocol], keyOf(caller)), each, each.request(name, caller));
  return { ...outcome, text: outcome.text.replaceAll(name, "{name}") };
}

/** What becomes of a call without a credential. */
async function anonymously(each: PermissionCase, protocol: Protocol): Promise<string | undefined> {
  const caller = { kind: "backend" } as const;
  const name = nameOf(each, "group", caller, stage);
  return (await call(session.transports[protocol], each, each.request(name, caller))).reason;
}

/** Places that a case is about: calls outside of chats have one. */
function placesOf({ target }: PermissionCase, protocol: Protocol): readonly Place[] {
  if (!["chat", "message", "member"].includes(target)) return ["group"];
  return protocol === "grpc" ? PLACES : ["group", "absent"];
}

test("every method is walked, but the one after which there is no caller", () => {
  const walked = new Set(PERMISSION_CASES.map(({ method }) => method.name));
  const all = PARLEY_SERVICES.flatMap(({ methods }) => methods.map(({ name }) => name));
  expect([...walked, "LogOutEverywhere"].sort()).toEqual([...new Set(all)].sort());
});

describe.each(PROTOCOLS)("by %s", (protocol) => {
  test.each(PERMISSION_CASES.map((each) => [each.name, each] as const))(
    "%s: callers may do what the policy says",
    async (_, each) => {
      for (const place of placesOf(each, protocol)) {
        for (const caller of CALLERS) {
          const { reason, text } = await callAs(caller, each, place, protocol);
          const told = `${JSON.stringify(caller)} in ${place}: ${text}`;
          const expected = expectedAccess(each, place, caller);
          if (expected === "public") expect(reason, told).toBe(await anonymously(each, protocol));
          else if (expected === "allowed") expect(DENIALS, told).not.toContain(reason);
          else expect(reason, told).toBe(expected);
          if (reason === undefined) continue;
          expect(text, told).not.toContain(SECRET);
          if (expected === "RESOURCE_NOT_FOUND" && caller.kind === "user") {
            expect((await callAs(caller, each, "absent", protocol)).text, told).toBe(text);
          }
        }
      }
    },
  );

  test.each(Object.keys(BAD_CREDENTIALS) as BadCredential[])("%s opens nothing but what is public", async (which) => {
    const key = stage.credentials[which];
    const transport = key === undefined ? session.transports[protocol] : withKey(session.transports[protocol], key);
    const getUser = { method: PERMISSION_CASES.find(({ method }) => method.name === "GetUser")!.method };
    if (which === "an expired token") {
      const isOver = async () => (await call(transport, getUser, { name: stage.people.member.name })).reason;
      await expect.poll(isOver, { timeout: 5_000, interval: 50 }).toBe("TOKEN_EXPIRED");
    }
    for (const each of PERMISSION_CASES) {
      const caller = { kind: "user", user: "member" } as const;
      const { reason } = await call(transport, each, each.request(nameOf(each, "group", caller, stage), caller));
      const isPublic = accessOf(each.method) === "public";
      const expected = isPublic ? await anonymously(each, protocol) : BAD_CREDENTIALS[which];
      expect([each.name, reason]).toEqual([each.name, expected]);
    }
  });

  test("a note does not exist for its customer, in the bytes of what does not", async () => {
    const absent = `${stage.chats.support}/messages/999`;
    const customer = withKey(session.transports[protocol], stage.people.customer.token);
    for (const { name: what, method, request } of PERMISSION_CASES.filter(({ target }) => target === "message")) {
      const ask = async (name: string) => {
        const caller = { kind: "user", user: "customer" } as const;
        const { reason, text } = await call(customer, { method }, request(name, caller));
        return [what, reason, text.replaceAll(name, "{name}")];
      };
      expect(await ask(stage.note)).toEqual(await ask(absent));
      expect((await ask(stage.note))[1]).toBe("RESOURCE_NOT_FOUND");
    }
  });

  test("fields that a caller may not set are denied, and named", async () => {
    for (const { key, method, request, field } of deniedFields(stage)) {
      const each = PERMISSION_CASES.find((other) => other.method.name === method)!;
      const { reason, text } = await call(withKey(session.transports[protocol], key), each, request);
      expect([method, reason, JSON.parse(text).metadata]).toEqual([method, "FIELD_DENIED", { field }]);
    }
  });

  test("who logs out everywhere calls no more, and others may not do it for it", async () => {
    const id = `leaving-${protocol}`;
    const person = await createPerson(session, stage.tenant, id);
    const logOut = { method: PARLEY_SERVICES.flatMap(({ methods }) => methods).find(isLogOutEverywhere)! };
    const as = (key: string) =>
      call(withKey(session.transports[protocol], key), logOut as never, { name: person.name });
    expect((await as(stage.people.stranger.token)).reason).toBe("METHOD_DENIED");
    expect((await as(stage.foreign.user.token)).reason).toBe("RESOURCE_NOT_FOUND");
    expect((await as(person.token)).reason).toBeUndefined();
    await expect.poll(async () => (await as(person.token)).reason).toBe("CREDENTIAL_INVALID");
    for (const key of [stage.people.manager.token, stage.tenant.key, session.adminKey]) {
      expect((await as(key)).reason).toBeUndefined();
    }
  });
});

const isLogOutEverywhere = ({ name }: { name: string }) => name === "LogOutEverywhere";
