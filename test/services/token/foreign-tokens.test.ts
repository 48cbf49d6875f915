import { createHmac } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  CreateTokenKeyRequestSchema,
  DeleteTokenKeyRequestSchema,
  TokenKeySchema,
} from "../../../gen/parley/v1/auth_pb.ts";
import { formatApplicationName } from "../../../services/aip/resource-name.ts";
import { failureOf } from "../../failure.ts";
import { createApplication, createUser } from "../stores.ts";
import { type TokenProcess, TokenScene } from "./token-scene.ts";

const START_MS = Date.UTC(2026, 0, 2);
const START_S = START_MS / 1_000;
const ISSUER = "https://login.example";
const NO_CONTEXT = {} as HandlerContext;

let scene: TokenScene;
let parley: TokenProcess;
/** A new application with a user `alice`. */
let application: string;
beforeAll(async () => {
  scene = await TokenScene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  parley = await scene.startProcess();
  application = await createApplication(scene.stores.database);
  await createUser(scene.stores.database, application, "alice");
});
afterEach(() => void vi.useRealTimers());

type Issuer = { name: string; alg: string; publicPem: string; privateKey: CryptoKey };
type Wishes = { alg?: string; keyId?: string; createUsers?: boolean; userClaim?: string; displayNameClaim?: string };

/** Registers a new key of the issuer. */
async function register({ alg = "EdDSA", ...wishes }: Wishes = {}, at = application): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicPem = await exportSPKI(publicKey);
  const name = await registerKey(publicPem, wishes, at);
  return { name, alg, publicPem, privateKey };
}

async function registerKey(publicKey: string, wishes: Wishes, at: string): Promise<string> {
  const tokenKey = create(TokenKeySchema, { publicKey, issuer: ISSUER, ...wishes });
  const request = create(CreateTokenKeyRequestSchema, { parent: formatApplicationName({ application: at }), tokenKey });
  const { name } = await parley.keyMethods.createTokenKey(request, NO_CONTEXT);
  return name!;
}

const rightClaims = (): JWTPayload => ({
  ...{ iss: ISSUER, aud: `applications/${application}`, sub: "alice" },
  ...{ iat: START_S, exp: START_S + 3_600 },
});

function sign({ alg, privateKey }: Issuer, claims: JWTPayload = {}, header: object = {}): Promise<string> {
  return new SignJWT({ ...rightClaims(), ...claims }).setProtectedHeader({ alg, ...header }).sign(privateKey);
}

const refusal = async (token: string) => (await failureOf(parley.authenticate(token))).reason;

describe("a token of another issuer", () => {
  test.each(["EdDSA", "ES256", "RS256"])("is taken, signed with %s", async (alg) => {
    const token = await sign(await register({ alg }));
    expect(await parley.authenticate(token)).toMatchObject({ application, user: "alice", session: undefined });
    expect(parley.accessTokens.recall(`Bearer ${token}`)).toMatchObject({ user: "alice" });
  });

  test("may be for other services, too, and name its type", async () => {
    const issuer = await register();
    const aud = ["https://other.example", `applications/${application}`];
    await parley.authenticate(await sign(issuer, { aud }, { typ: "JWT", kid: "any" }));
  });

  test("is verified by whichever of the issuer's keys made it", async () => {
    const issuers = [await register(), await register({ alg: "ES256" }), await register()];
    for (const issuer of issuers) await parley.authenticate(await sign(issuer));
  });

  test("must name its key where that has a name", async () => {
    const issuer = await register({ keyId: "key-1" });
    await parley.authenticate(await sign(issuer, {}, { kid: "key-1" }));
    expect(await refusal(await sign(issuer, {}, { kid: "key-2" }))).toBe("CREDENTIAL_INVALID");
    expect(await refusal(await sign(issuer))).toBe("CREDENTIAL_INVALID");
  });

  test("names its user in the claim that the key says", async () => {
    const issuer = await register({ userClaim: "login" });
    expect(await parley.authenticate(await sign(issuer, { sub: "7", login: "alice" }))).toMatchObject({
      user: "alice",
    });
    expect(await refusal(await sign(issuer))).toBe("CREDENTIAL_INVALID");
  });

  test("is over when its time is", async () => {
    const token = await sign(await register());
    await parley.authenticate(token);
    vi.setSystemTime(START_MS + 3_600_000);
    expect(await failureOf(parley.authenticate(token))).toMatchObject({
      ...{ code: "Unauthenticated", reason: "TOKEN_EXPIRED" },
      message: "the access token is over: its issuer has to give another",
    });
  });

  test("is over once its key is deleted: here at once, in other processes within a second", async () => {
    const other = await scene.startProcess();
    const issuer = await register();
    const token = await sign(issuer);
    for (const each of [parley, other]) await each.authenticate(token);
    await parley.keyMethods.deleteTokenKey(create(DeleteTokenKeyRequestSchema, { name: issuer.name }), NO_CONTEXT);
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
    vi.setSystemTime(START_MS + 1_000);
    expect(await failureOf(other.authenticate(token))).toMatchObject({ reason: "CREDENTIAL_INVALID" });
  });

  test("is over once all of its user were ended, and one without a time of issue for good", async () => {
    const issuer = await register();
    const [dated, undated] = [await sign(issuer), await sign(issuer, { iat: undefined })];
    for (const token of [dated, undated]) await parley.authenticate(token);
    await parley.userTokens.endAll({ application, user: "alice" });
    for (const token of [dated, undated]) expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
    vi.setSystemTime(START_MS + 1_000);
    await parley.authenticate(await sign(issuer, { iat: START_S + 1 }));
  });

  test("is over then, too, where its issuer's clock was ahead", async () => {
    const token = await sign(await register(), { iat: START_S + 60 });
    await parley.authenticate(token);
    await parley.userTokens.endAll({ application, user: "alice" });
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
  });
});

describe("a user who is not known", () => {
  test("is made on first sight where the key says so, once", async () => {
    const issuer = await register({ createUsers: true });
    const token = await sign(issuer, { sub: "bob", name: "Bob" });
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => parley.authenticate(token)));
    expect(first).toMatchObject({ user: "bob", displayName: "Bob", role: 1 });
    expect(others).toEqual([first, first]);
    expect(await scene.stores.database.users.count({ where: { application, id: "bob" } })).toBe(1);
  });

  test.each<[what: string, name: unknown, displayName: string]>([
    ["is cut where it is long", "ä".repeat(101), "ä".repeat(100)],
    ["has no NUL", "B\0b", "Bb"],
    ["is empty where the claim is no text", { first: "Bob" }, ""],
  ])("has a display name that %s", async (_what, name, displayName) => {
    const issuer = await register({ createUsers: true, displayNameClaim: "nick" });
    expect(await parley.authenticate(await sign(issuer, { sub: "bob", nick: name }))).toMatchObject({ displayName });
  });

  test("is found where another process made it meanwhile", async () => {
    const issuer = await register({ createUsers: true });
    const other = await scene.startProcess();
    expect(await parley.facts.user(application, "bob")).toBeUndefined();
    await other.authenticate(await sign(issuer, { sub: "bob" }));
    await parley.authenticate(await sign(issuer, { sub: "bob" }));
  });

  test("is not told of as changed where it was there, or is gone for good", async () => {
    const issuer = await register({ createUsers: true });
    const forget = vi.spyOn(parley.facts, "forget");
    await parley.firstSight.ensureUser({ application, user: "alice" }, "Alice");
    await scene.stores.database.users.update({ deleteTime: START_MS }, { where: { application, id: "alice" } });
    await parley.facts.forget([{ kind: "user", application, user: "alice" }]);
    expect(await refusal(await sign(issuer))).toBe("CREDENTIAL_INVALID");
    expect(forget).toHaveBeenCalledTimes(1);
  });

  test("is not made where the key does not say so", async () => {
    expect(await refusal(await sign(await register(), { sub: "bob" }))).toBe("CREDENTIAL_INVALID");
    expect(await scene.stores.database.users.count({ where: { application, id: "bob" } })).toBe(0);
  });

  test("is not made again where it was deleted", async () => {
    const issuer = await register({ createUsers: true });
    await scene.stores.database.users.update({ deleteTime: START_MS }, { where: { application, id: "alice" } });
    expect(await refusal(await sign(issuer))).toBe("CREDENTIAL_INVALID");
  });
});

/** What its caller is told of a token whose signature is wrong, or that no key is for. */
const UNTOLD = /^the credential is not known, or no longer/;

describe("a token of another issuer is not taken, and the log says why", () => {
  test.each<[what: string, claims: JWTPayload, cause: string]>([
    ["from another issuer", { iss: "https://evil.example" }, "no key of its iss and kid"],
    ["from no issuer", { iss: undefined }, "no key of its iss and kid"],
    ["from an issuer that is no text", { iss: { toString: 1 } as never }, "no key of its iss and kid"],
    ["for nobody", { aud: undefined }, "its aud is not"],
    ["for another service", { aud: "https://other.example" }, "its aud is not"],
    ["for an application that is not there", { aud: `applications/${"a".repeat(26)}` }, "no key of its iss and kid"],
  ])("%s: its caller is not told", async (_what, claims, cause) => {
    const failure = await failureOf(parley.authenticate(await sign(await register({ createUsers: true }), claims)));
    expect(failure).toMatchObject({ reason: "CREDENTIAL_INVALID", message: expect.stringMatching(UNTOLD) });
    expect(parley.logged).toMatchObject([{ cause: expect.stringContaining(cause) }]);
  });

  test.each<[what: string, claims: JWTPayload, cause: string]>([
    ["that never ends", { exp: undefined }, 'missing required "exp" claim'],
    ["that ends at a text", { exp: "soon" as never }, '"exp" claim must be a number'],
    ["that ends in more than a day", { exp: START_S + 86_401 }, "its exp is more than 24 hours ahead"],
    ["that ends never really", { exp: 1e308 }, "its exp is more than 24 hours ahead"],
    ["that is not valid yet", { nbf: START_S + 61 }, '"nbf" claim timestamp check failed'],
    ["that was issued in the future", { iat: START_S + 61 }, "its iat is in the future"],
    ["that was issued at a text", { iat: "now" as never }, '"iat" claim must be a number'],
    ["of a user whose id cannot be", { sub: "../alice" }, "its claim sub is no user's id"],
    ["of a user with an empty id", { sub: "" }, "its claim sub is no user's id"],
    ["of a user who is a number", { sub: 7 as never }, "its claim sub is no user's id"],
    ["of no user", { sub: undefined }, "its claim sub is no user's id"],
  ])("%s: its caller is told, too", async (_what, claims, cause) => {
    const issuer = await register({ createUsers: true });
    const token = await sign(issuer, claims, { kid: "key-1" });
    const failure = await failureOf(parley.authenticate(token));
    expect(failure).toMatchObject({ code: "Unauthenticated", reason: "CREDENTIAL_INVALID", metadata: {} });
    expect(failure.message).toContain(cause);
    const said = { issuer: ISSUER, keyId: "key-1", application };
    expect(parley.logged).toMatchObject([{ ...said, cause: expect.stringContaining(cause) }]);
    expect(JSON.stringify(parley.logged)).not.toContain(token.split(".")[1]);
  });

  test("for a bare application, where a key of that signed it: its caller is told, too", async () => {
    const issuer = await register();
    const aud = ["https://other.example", application];
    const told = "its aud is not applications/ and the token of one application";
    for (const claims of [{ aud }, { aud, exp: START_S - 3_600 }]) {
      expect((await failureOf(parley.authenticate(await sign(issuer, claims)))).message).toContain(told);
    }
    expect(parley.logged).toMatchObject([{ cause: told }, { cause: told }]);
    const { privateKey } = await generateKeyPair("EdDSA");
    const forged = await sign({ alg: "EdDSA", privateKey } as Issuer, { aud });
    expect((await failureOf(parley.authenticate(forged))).message).toMatch(UNTOLD);
  });

  test("of a user who is not there, or was deleted", async () => {
    const told = async (issuer: Issuer, sub: string) => {
      return (await failureOf(parley.authenticate(await sign(issuer, { sub })))).message;
    };
    expect(await told(await register(), "bob")).toContain("its key does not create users");
    const creating = await register({ alg: "ES256", keyId: "", createUsers: true }, application);
    await scene.stores.database.users.update({ deleteTime: START_MS }, { where: { application, id: "alice" } });
    expect(await told(creating, "alice")).toContain("its user was deleted");
    expect(parley.logged).toHaveLength(2);
  });

  test("that a key of another name signed", async () => {
    await register({ keyId: "key-1" });
    const { privateKey } = await generateKeyPair("EdDSA");
    const forged = await sign({ alg: "EdDSA", privateKey } as Issuer, {}, { kid: "key-1" });
    expect((await failureOf(parley.authenticate(forged))).message).toMatch(UNTOLD);
    expect(parley.logged).toMatchObject([{ cause: "its signature is not right", keyId: "key-1" }]);
  });

  test("that says that it is of this server, of which nothing is logged", async () => {
    expect(await refusal(await sign(await register(), { iss: "parley" }))).toBe("CREDENTIAL_INVALID");
    expect(parley.logged).toEqual([]);
  });

  test.each(["id_token+jwt", "logout+jwt", "dpop+jwt", ""])("of the type %j", async (typ) => {
    const failure = await failureOf(parley.authenticate(await sign(await register(), {}, { typ })));
    expect(failure).toMatchObject({ reason: "CREDENTIAL_INVALID", message: expect.stringContaining("its typ is not") });
  });

  test("for two applications", async () => {
    const second = await createApplication(scene.stores.database);
    const aud = [`applications/${application}`, `applications/${second}`];
    expect(await refusal(await sign(await register(), { aud }))).toBe("CREDENTIAL_INVALID");
  });

  test("for another application than the key's", async () => {
    const second = await createApplication(scene.stores.database);
    await createUser(scene.stores.database, second, "alice");
    await register({}, second);
    const issuer = await register();
    expect(await refusal(await sign(issuer, { aud: `applications/${second}` }))).toBe("CREDENTIAL_INVALID");
  });

  test("signed with HS256 and the public key as the secret", async () => {
    const { publicPem } = await register({ alg: "RS256" });
    const input = [{ alg: "HS256" }, rightClaims()]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    for (const secret of [publicPem, publicPem.trim(), Buffer.from(publicPem.split("\n")[1]!, "base64")]) {
      const mac = createHmac("sha256", secret).update(input).digest("base64url");
      expect(await refusal(`${input}.${mac}`)).toBe("CREDENTIAL_INVALID");
    }
  });

  test("signed with another algorithm than its key is for", async () => {
    const { publicKey, privateKey } = await generateKeyPair("PS256", { extractable: true });
    await registerKey(JSON.stringify(await exportJWK(publicKey)), {}, application);
    const token = await new SignJWT(rightClaims()).setProtectedHeader({ alg: "PS256" }).sign(privateKey);
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
  });

  test("signed with a key that nobody registered", async () => {
    await register();
    const { privateKey } = await generateKeyPair("EdDSA");
    expect(await refusal(await sign({ alg: "EdDSA", privateKey } as Issuer))).toBe("CREDENTIAL_INVALID");
  });

  test("once its application is deleted", async () => {
    const token = await sign(await register());
    await scene.stores.database.applications.update({ deleteTime: START_MS }, { where: { token: application } });
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
  });
});
