import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { failureOf } from "../failure.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { PROTOCOLS } from "../protocols.ts";
import { servicesOf, type Tenant } from "../tenant.ts";

const ISSUER = "https://login.example";
const INVALID = { code: "Unauthenticated", reason: "CREDENTIAL_INVALID" };

let session: ParleySession;
let tenant: Tenant;
/** The name of a user. */
let alice: string;
beforeAll(async () => {
  session = await openParleySession();
});
afterAll(() => session.close());
beforeEach(async () => {
  tenant = await session.createTenant();
  alice = `${tenant.name}/users/alice`;
});

const give = (wishes: object = {}) => tenant.auth.createUserTokens({ name: alice, createUser: true, ...wishes });
const callWith = (token: string) => servicesOf(session.transports.grpc, token);
const readSelf = (token: string) => callWith(token).users.getUser({ name: alice });
const refresh = (refreshToken: string) =>
  createClient(AuthService, session.transports.grpc).refreshTokens({ parent: tenant.name, refreshToken });

describe("the key set", () => {
  test("is served where clients look for it, to be kept for a while, without a credential", async () => {
    const response = await fetch(`${session.address}/.well-known/jwks.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/jwk-set+json");
    expect(response.headers.get("cache-control")).toBe("public, max-age=60");
    expect(Object.keys((await response.json()) as object)).toEqual(["keys"]);
  });

  test("verifies access tokens for others", async () => {
    const response = await fetch(`${session.address}/.well-known/jwks.json`);
    const set = (await response.json()) as JSONWebKeySet;
    const { payload } = await jwtVerify((await give()).accessToken, createLocalJWKSet(set), {
      ...{ issuer: "parley", audience: tenant.name, subject: "alice", typ: "at+jwt", algorithms: ["EdDSA"] },
    });
    expect(payload.exp! - payload.iat!).toBe(900);
    expect(payload.client_id).toBe(tenant.name);
  });

  test.each(PROTOCOLS)("is the same by %s", async (protocol) => {
    const { data, contentType } = await createClient(AuthService, session.transports[protocol]).getJsonWebKeySet({});
    const served = await (await fetch(`${session.address}/.well-known/jwks.json`)).text();
    expect([contentType, new TextDecoder().decode(data)]).toEqual(["application/jwk-set+json", served]);
  });
});

describe("an access token", () => {
  test.each(PROTOCOLS)("is a credential by %s", async (protocol) => {
    const { accessToken } = await give({ displayName: "Alice" });
    const { users } = servicesOf(session.transports[protocol], accessToken);
    expect(await users.getUser({ name: alice })).toMatchObject({ name: alice, displayName: "Alice" });
  });

  test("works as long as it was asked for, and tells then that it is over", async () => {
    const { accessToken } = await give({ accessTokenTtl: { seconds: 1n } });
    await expect
      .poll(
        () =>
          readSelf(accessToken).then(
            () => "works",
            () => "over",
          ),
        { timeout: 5_000 },
      )
      .toBe("over");
    expect(await failureOf(readSelf(accessToken))).toMatchObject({ code: "Unauthenticated", reason: "TOKEN_EXPIRED" });
  });

  test("works after a restart, and so does its session", async () => {
    const { accessToken, refreshToken } = await give({ refreshable: true });
    await session.restart();
    tenant = session.reopen(tenant);
    await readSelf(accessToken);
    await readSelf((await refresh(refreshToken)).accessToken);
  });

  test("opens nothing of another application", async () => {
    const { accessToken } = await give();
    const other = await session.createTenant();
    await other.auth.createUserTokens({ name: `${other.name}/users/alice`, createUser: true });
    const read = callWith(accessToken).users.getUser({ name: `${other.name}/users/alice` });
    expect(await failureOf(read)).toMatchObject({ code: "NotFound" });
  });

  test("is over for good once its user was deleted, whose id does not come back", async () => {
    const { accessToken, refreshToken } = await give({ refreshable: true });
    await readSelf(accessToken);
    await tenant.users.deleteUser({ name: alice });
    await expect.poll(() => failureOf(readSelf(accessToken)), { timeout: 5_000 }).toMatchObject(INVALID);
    expect(await failureOf(refresh(refreshToken))).toMatchObject(INVALID);
    expect(await failureOf(give())).toMatchObject({ code: "AlreadyExists", reason: "USER_ID_TAKEN" });
  });
});

describe("a token key", () => {
  const register = async (wishes: object = {}) => {
    const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    const tokenKey = { publicKey: JSON.stringify(await exportJWK(publicKey)), issuer: ISSUER, ...wishes };
    return { key: await tenant.auth.createTokenKey({ parent: tenant.name, tokenKey }), privateKey };
  };
  type Registered = Awaited<ReturnType<typeof register>>;
  const sign = ({ privateKey }: Registered, claims: object = {}) =>
    new SignJWT({ sub: "alice", ...claims })
      .setProtectedHeader({ alg: "EdDSA" })
      .setIssuer(ISSUER)
      .setAudience(tenant.name)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(privateKey);

  test("lets the tokens of another issuer in until it is deleted", async () => {
    const registered = await register({ createUsers: true });
    const token = await sign(registered, { name: "Alice" });
    expect(await readSelf(token)).toMatchObject({ displayName: "Alice" });
    await tenant.auth.deleteTokenKey({ name: registered.key.name });
    await expect.poll(() => failureOf(readSelf(token)), { timeout: 5_000 }).toMatchObject(INVALID);
  });

  test.each(PROTOCOLS)("lets in tokens with as many claims as others may want, by %s", async (protocol) => {
    const groups = Array.from({ length: 250 }, (_, index) => `group-${index}-of-many`);
    const token = await sign(await register({ createUsers: true }), { groups });
    expect(token.length).toBeGreaterThan(6_000);
    const { users } = servicesOf(session.transports[protocol], token);
    for (let call = 1; call <= 2; call++) expect(await users.getUser({ name: alice })).toMatchObject({ name: alice });
  });

  test("is answered as it was registered, with the claims that count", async () => {
    const { key } = await register({ keyId: "1" });
    expect(key).toMatchObject({ issuer: ISSUER, keyId: "1", userClaim: "sub", displayNameClaim: "name" });
    expect(key.name).toMatch(/^applications\/[0-9a-z]{26}\/tokenKeys\/[0-9a-z]{26}$/);
    expect((await tenant.auth.listTokenKeys({ parent: tenant.name })).tokenKeys).toEqual([key]);
  });

  test("is listed by pages, up to 20 of an application, which is as many as it may have", async () => {
    for (let index = 1; index <= 20; index++) await register();
    expect(await failureOf(register())).toMatchObject({ code: "FailedPrecondition", reason: "FULL" });
    const names: string[] = [];
    let pageToken = "";
    do {
      const page = await tenant.auth.listTokenKeys({ parent: tenant.name, pageSize: 7, pageToken });
      names.push(...page.tokenKeys.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(new Set(names).size).toBe(20);
    expect(names).toEqual([...names].sort());
  });

  test.each<[what: string, wishes: object, field: string]>([
    ["a private key", { publicKey: JSON.stringify({ kty: "OKP", d: "x" }) }, "token_key.public_key"],
    ["a weak key", { publicKey: weakKey() }, "token_key.public_key"],
    ["the issuer of this server", { issuer: "parley" }, "token_key.issuer"],
  ])("cannot have %s", async (_what, wishes, field) => {
    expect(await failureOf(register(wishes))).toMatchObject({ code: "InvalidArgument", fields: [field] });
  });

  test("is registered once, in whatever form, until it is deleted", async () => {
    const { key } = await register({ keyId: "1" });
    const pem = createPublicKey({ key: JSON.parse(key.publicKey), format: "jwk" }).export({
      type: "spki",
      format: "pem",
    });
    const again = () => register({ publicKey: pem.toString(), issuer: "https://other.example" });
    const EXISTS = { code: "AlreadyExists", reason: "TOKEN_KEY_EXISTS", metadata: { resource: key.name } };
    expect(await failureOf(again())).toMatchObject(EXISTS);
    await tenant.auth.deleteTokenKey({ name: key.name });
    await again();
  });

  test("may be registered in several applications", async () => {
    const { publicKey } = (await register()).key;
    const other = await session.createTenant();
    await other.auth.createTokenKey({ parent: other.name, tokenKey: { publicKey, issuer: ISSUER } });
  });

  test("of another application is not there", async () => {
    const { key } = await register();
    const other = await session.createTenant();
    const name = key.name.replace(tenant.name, other.name);
    const NOT_FOUND = { code: "NotFound", reason: "RESOURCE_NOT_FOUND" };
    for (const each of [key.name, name]) {
      expect(await failureOf(other.auth.deleteTokenKey({ name: each }))).toMatchObject(NOT_FOUND);
    }
    expect(await failureOf(other.auth.listTokenKeys({ parent: tenant.name }))).toMatchObject(NOT_FOUND);
    const absent = { parent: `applications/${"a".repeat(26)}` };
    expect(await failureOf(session.admin.auth.listTokenKeys(absent))).toMatchObject(NOT_FOUND);
  });
});

function weakKey(): string {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  return publicKey.export({ type: "spki", format: "pem" }) as string;
}
