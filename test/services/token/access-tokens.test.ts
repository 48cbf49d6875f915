import { createHmac, webcrypto } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { UserName } from "../../../services/aip/resource-name.ts";
import { failureOf } from "../../failure.ts";
import { createApplication } from "../stores.ts";
import { type TokenProcess, TokenScene } from "./token-scene.ts";

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const START_S = START_MS / 1_000;

let scene: TokenScene;
let parley: TokenProcess;
let user: UserName;
beforeAll(async () => {
  scene = await TokenScene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  parley = await scene.startProcess();
  user = await scene.createUser();
});
afterEach(() => void vi.useRealTimers());

const giveToken = async () => (await parley.userTokens.give(user)).access.token;
const refusal = async (token: string) => (await failureOf(parley.authenticate(token))).reason;

describe("an access token", () => {
  test("opens what its user may do, as its profile says", async () => {
    expect(await parley.authenticate(await giveToken())).toEqual({
      ...{ kind: "user", application: scene.application, user: user.user },
      ...{ displayName: user.user, role: 1, bot: false, session: undefined },
    });
  });

  test("says what RFC 9068 asks for, and no more", async () => {
    const { access } = await parley.userTokens.begin(user);
    expect(decodeProtectedHeader(access.token)).toEqual({ alg: "EdDSA", typ: "at+jwt", kid: expect.any(String) });
    expect(decodeJwt(access.token)).toEqual({
      ...{ iss: "parley", aud: `applications/${scene.application}`, client_id: `applications/${scene.application}` },
      ...{ sub: user.user, iat: START_S, iat_ms: START_MS, exp: START_S + 900 },
      ...{ jti: expect.any(String), sid: expect.any(String) },
    });
    expect(access.expireTimeMs).toBe(START_MS + 900_000);
  });

  test("has times of whole seconds, and tells its millisecond beside them", async () => {
    vi.setSystemTime(START_MS + 999);
    const { access } = await parley.userTokens.give(user);
    expect(decodeJwt(access.token)).toMatchObject({ iat: START_S, iat_ms: START_MS + 999, exp: START_S + 900 });
    expect(access.expireTimeMs).toBe(START_MS + 900_000);
  });

  test("is answered for at once the second time, by the same principal", async () => {
    const token = await giveToken();
    const first = await parley.authenticate(token);
    expect(parley.accessTokens.recall(`Bearer ${token}`)).toBe(first);
  });

  test("is over when its time is, whether it came before or not", async () => {
    const [seen, unseen] = [await giveToken(), await giveToken()];
    await parley.authenticate(seen);
    vi.setSystemTime(START_MS + 899_999);
    await parley.authenticate(seen);
    vi.setSystemTime(START_MS + 900_000);
    for (const token of [seen, unseen]) {
      expect(await failureOf(parley.authenticate(token))).toMatchObject({
        code: "Unauthenticated",
        reason: "TOKEN_EXPIRED",
        message: expect.stringMatching(/users:refreshTokens\), or log in again$/),
      });
    }
  });

  test("is over once all of its user were ended, and those that are given afterwards work at once", async () => {
    const before = await giveToken();
    await parley.authenticate(before);
    await parley.userTokens.endAll(user);
    const after = await giveToken();
    expect(await refusal(before)).toBe("CREDENTIAL_INVALID");
    await parley.authenticate(after);
  });

  test("works at once where another process gives it whose clock is behind that of the one which ended those before", async () => {
    await parley.userTokens.endAll(user);
    vi.setSystemTime(START_MS - 50);
    const other = await scene.startProcess();
    const { access } = await other.userTokens.give(user);
    for (const each of [parley, other]) await each.authenticate(access.token);
  });

  test("is over once its session is, and no other one", async () => {
    const [ended, other] = [await parley.userTokens.begin(user), await parley.userTokens.begin(user)];
    for (const { access } of [ended, other]) await parley.authenticate(access.token);
    await parley.userTokens.end(scene.application, ended.refresh!.token);
    expect(await refusal(ended.access.token)).toBe("CREDENTIAL_INVALID");
    await parley.authenticate(other.access.token);
  });

  test("is over once its user or application is deleted", async () => {
    const token = await giveToken();
    await parley.authenticate(token);
    const { users, applications } = scene.stores.database;
    const own = { application: await createApplication(scene.stores.database), user: "owner" };
    await users.update({ deleteTime: 1 }, { where: { application: user.application, id: user.user } });
    await parley.facts.forget([{ kind: "user", ...user }]);
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
    await applications.update({ deleteTime: 1 }, { where: { token: own.application } });
    expect(await refusal((await parley.userTokens.give(own)).access.token)).toBe("CREDENTIAL_INVALID");
  });

  test("is over once its key is retired", async () => {
    const token = await giveToken();
    await parley.authenticate(token);
    const { kid } = decodeProtectedHeader(token);
    await scene.stores.database.signingKeys.update({ expireTime: START_MS }, { where: { id: kid! } });
    vi.setSystemTime(START_MS + 1_000);
    await parley.keys.find("unknown");
    expect(await refusal(token)).toBe("CREDENTIAL_INVALID");
  });

  test("shows changes of the profile with the next call", async () => {
    const token = await giveToken();
    await parley.authenticate(token);
    const change = () => ({ displayName: "Alice", bot: 1 });
    await parley.users.transact((transaction) => parley.users.update(user, change, transaction));
    await parley.facts.forget([{ kind: "user", ...user }]);
    expect(await parley.authenticate(token)).toMatchObject({ displayName: "Alice", bot: true });
  });
});

type Parts = { header: Record<string, unknown>; claims: JWTPayload };
const encode = (value: unknown) => encodeText(JSON.stringify(value));
const encodeText = (text: string) => Buffer.from(text).toString("base64url");

/** The parts of a token that is right. */
async function rightParts(): Promise<Parts> {
  const token = await giveToken();
  return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) };
}

/** Signs as the server itself would, whatever the parts are. */
async function signText(header: string, claims: string): Promise<string> {
  const { privateKey } = await parley.keys.signer();
  const input = `${encodeText(header)}.${encodeText(claims)}`;
  const signature = await webcrypto.subtle.sign("Ed25519", privateKey as webcrypto.CryptoKey, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}
const sign = ({ header, claims }: Parts) => signText(JSON.stringify(header), JSON.stringify(claims));

/** A token whose parts are changed, signed with the server's own key. */
function altered(change: (parts: Parts) => Partial<{ header: object; claims: object }>) {
  return async () => {
    const parts = await rightParts();
    const { header = {}, claims = {} } = change(parts);
    return sign({ header: { ...parts.header, ...header }, claims: { ...parts.claims, ...claims } });
  };
}

async function signedByAnother(alg: string, header: Record<string, unknown> = {}): Promise<string> {
  const parts = await rightParts();
  const { privateKey } = await generateKeyPair(alg);
  return new SignJWT(parts.claims).setProtectedHeader({ ...parts.header, ...header, alg }).sign(privateKey);
}

/** Signed by HMAC, with what is public as the secret. */
async function hmacWith(secret: (publicJwk: { x?: string }) => string | Buffer): Promise<string> {
  const { header, claims } = await rightParts();
  const input = `${encode({ ...header, alg: "HS256" })}.${encode(claims)}`;
  const [key] = parley.keys.published(Date.now());
  return `${input}.${createHmac("sha256", secret(key!.publicJwk)).update(input).digest("base64url")}`;
}

async function edited(edit: (parts: [string, string, string]) => string): Promise<string> {
  return edit((await giveToken()).split(".") as [string, string, string]);
}

describe("a token is not taken", () => {
  test("but is where nothing was altered", async () => {
    await parley.authenticate(await altered(() => ({}))());
  });

  test.each<[attack: string, make: () => Promise<string>]>([
    ["of two parts", () => edited(([header, claims]) => `${header}.${claims}`)],
    ["of four parts", () => edited((parts) => [...parts, "x"].join("."))],
    ["without a signature", () => edited(([header, claims]) => `${header}.${claims}.`)],
    ["that is encrypted", () => edited(([header]) => `${header}.${header}.${header}.${header}.${header}`)],
    ["with padding", () => edited((parts) => parts.join("=."))],
    ["that is no base64url", () => edited(([, claims, mac]) => `e*.${claims}.${mac}`)],
    ["whose header is no JSON", () => signText("{", "{}")],
    ["whose header is a list", () => signText("[]", "{}")],
    ["whose claims are null", async () => signText(JSON.stringify((await rightParts()).header), "null")],
    ["that is huge", altered(() => ({ claims: { junk: "x".repeat(8_192) } }))],
    ["whose claims were changed", () => edited(([h, , s]) => `${h}.${encode({ sub: "admin" })}.${s}`)],
    [
      "whose signature was changed",
      () => edited(([h, c, s]) => `${h}.${c}.${s.startsWith("A") ? "B" : "A"}${s.slice(1)}`),
    ],
    [
      "whose signature is written otherwise: its last character has four bits that say nothing",
      () => edited(([h, c, s]) => `${h}.${c}.${s.slice(0, -1)}${String.fromCharCode(s.charCodeAt(s.length - 1) + 1)}`),
    ],
    [
      "that is not signed: alg none",
      async () => {
        const { header, claims } = await rightParts();
        return `${encode({ ...header, alg: "none" })}.${encode(claims)}.`;
      },
    ],
    [
      "that says alg none, and has a signature",
      () => edited(([, c, s]) => `${encode({ alg: "none", typ: "at+jwt" })}.${c}.${s}`),
    ],
    ["of HS256 with the public key as secret", () => hmacWith(({ x }) => Buffer.from(x!, "base64url"))],
    ["of HS256 with the public key's JWK as secret", () => hmacWith((jwk) => JSON.stringify(jwk))],
    ["of HS256 without a secret", () => hmacWith(() => "")],
    ["of another algorithm's name", altered(() => ({ header: { alg: "ES256" } }))],
    ["of another key with this kid", () => signedByAnother("EdDSA")],
    ["of another key with its own kid", () => signedByAnother("EdDSA", { kid: "another" })],
    ["of another key in its header", () => signedByAnother("EdDSA", { jwk: { kty: "OKP", crv: "Ed25519", x: "" } })],
    ["of another type of key", () => signedByAnother("ES256")],
    ["without a kid", altered(() => ({ header: { kid: undefined } }))],
    ["with a kid that is a path", altered(() => ({ header: { kid: "../../dev/null" } }))],
    ["with a kid that is no text", altered(() => ({ header: { kid: { $ne: null } } }))],
    ["of another type", altered(() => ({ header: { typ: "JWT" } }))],
    ["without a type", altered(() => ({ header: { typ: undefined } }))],
    ["with crit", altered(() => ({ header: { crit: ["exp"] } }))],
    ["with crit for what is there", altered(() => ({ header: { crit: ["b64"], b64: true } }))],
    ["of another issuer", altered(() => ({ claims: { iss: "https://another.example" } }))],
    ["of two issuers", altered(() => ({ claims: { iss: ["parley", "another"] } }))],
    ["without an issuer", altered(() => ({ claims: { iss: undefined } }))],
    ["for another audience", altered(() => ({ claims: { aud: "another" } }))],
    ["for another application", altered(() => ({ claims: { aud: `applications/${"a".repeat(26)}` } }))],
    ["for no audience", altered(() => ({ claims: { aud: undefined } }))],
    ["for several", altered(({ claims: { aud } }) => ({ claims: { aud: [aud] } }))],
    ["of nobody", altered(() => ({ claims: { sub: undefined } }))],
    ["of somebody who is not there", altered(() => ({ claims: { sub: "nobody" } }))],
    ["of a user who is no text", altered(() => ({ claims: { sub: 7 } }))],
    ["that never ends", altered(() => ({ claims: { exp: undefined } }))],
    ["that ends at a text", altered(() => ({ claims: { exp: "9999999999" } }))],
    ["without a time of issue", altered(() => ({ claims: { iat: undefined } }))],
    ["without the millisecond of its issue", altered(() => ({ claims: { iat_ms: undefined } }))],
    ["that is not valid yet", altered(() => ({ claims: { nbf: START_S + 100 } }))],
    ["without an id", altered(() => ({ claims: { jti: undefined } }))],
    [
      "with a header that is there twice",
      async () => {
        const { header, claims } = await rightParts();
        return signText(`{"alg":"none",${JSON.stringify(header).slice(1)}`, JSON.stringify(claims));
      },
    ],
    [
      "with a claim that is there twice",
      async () => {
        const { header, claims } = await rightParts();
        return signText(JSON.stringify(header), `{"sub":"admin",${JSON.stringify(claims).slice(1)}`);
      },
    ],
  ])("%s", async (_attack, make) => {
    const failure = await failureOf(parley.authenticate(await make()));
    expect(failure).toMatchObject({ code: "Unauthenticated", reason: "CREDENTIAL_INVALID", metadata: {} });
    expect(failure.message).toBe((await failureOf(parley.authenticate("a.b.c"))).message);
  });

  test("where it is a refresh token", async () => {
    const { refresh } = await parley.userTokens.begin(user);
    expect(await refusal(refresh!.token)).toBe("CREDENTIAL_INVALID");
  });
});
