import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { PublicKeyError, readPublicKey } from "../../../services/token/public-key.ts";

const pairs = {
  ed25519: generateKeyPairSync("ed25519"),
  p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  x25519: generateKeyPairSync("x25519"),
  rsa: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
  weak: generateKeyPairSync("rsa", { modulusLength: 1_024 }),
};
type Name = keyof typeof pairs;

const jwk = (name: Name, more: object = {}) =>
  JSON.stringify({ ...pairs[name].publicKey.export({ format: "jwk" }), ...more });
const pem = (name: Name) => pairs[name].publicKey.export({ type: "spki", format: "pem" }) as string;
const privateJwk = (name: Name) => JSON.stringify(pairs[name].privateKey.export({ format: "jwk" }));

describe("a public key", () => {
  test.each<[Name, string]>([
    ["ed25519", "EdDSA"],
    ["p256", "ES256"],
    ["rsa", "RS256"],
  ])("of %s is used with %s alone, as a JWK and as PEM", (name, algorithm) => {
    expect(readPublicKey(jwk(name)).algorithm).toBe(algorithm);
    expect(readPublicKey(jwk(name, { alg: algorithm, use: "sig", kid: "1" })).algorithm).toBe(algorithm);
    expect(readPublicKey(pem(name)).algorithm).toBe(algorithm);
  });

  test.each<[what: string, text: string, why: RegExp]>([
    ["empty", "", /must be a JWK in JSON, or PEM/],
    ["a private JWK", privateJwk("ed25519"), /private or shared/],
    ["a private JWK of RSA", privateJwk("rsa"), /private or shared/],
    ["a private PEM", pairs.ed25519.privateKey.export({ type: "pkcs8", format: "pem" }) as string, /BEGIN PUBLIC KEY/],
    ["a secret", JSON.stringify({ kty: "oct", k: "c2VjcmV0" }), /private or shared/],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", /BEGIN PUBLIC KEY/],
    ["a damaged PEM", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", /cannot be read/],
    ["two PEMs", pem("ed25519") + pem("rsa"), /BEGIN PUBLIC KEY/],
    ["a damaged JWK", JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "AA" }), /cannot be read/],
    ["a JWK with a member twice", `{"kty":"OKP",${jwk("ed25519").slice(1)}`, /once/],
    ["a JWK in half", jwk("ed25519").slice(0, -1), /must be a JWK/],
    ["of P-384", jwk("p384"), /Ed25519, P-256 or RSA/],
    ["of X25519", pem("x25519"), /Ed25519, P-256 or RSA/],
    ["a weak one of RSA", jwk("weak"), /2048 to 8192 bits/],
    ["of RSA with the exponent 1", jwk("rsa", { e: "AQ" }), /exponent|cannot be read/],
    ["for encryption", jwk("rsa", { use: "enc" }), /`use` sig/],
    ["for another algorithm", jwk("rsa", { alg: "PS256" }), /RS256/],
    ["of RSA for HMAC", jwk("rsa", { alg: "HS256" }), /RS256/],
  ])("is not one that is %s", (_what, text, why) => {
    expect(() => readPublicKey(text)).toThrow(PublicKeyError);
    expect(() => readPublicKey(text)).toThrow(why);
  });
});
