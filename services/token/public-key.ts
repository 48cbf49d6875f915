import { createPublicKey, type KeyObject } from "node:crypto";
import { parseJsonObject } from "./json-object.ts";

/** Bits of an RSA key's modulus: fewer are weak, and more would take long to verify. */
const RSA_BITS_MIN = 2_048;
const RSA_BITS_MAX = 8_192;
const PEM = /^\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/;
/** Members of a JWK that only a private key has, or a shared secret. */
const SECRET_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** A public key, and the one algorithm that it is used with. */
export type PublicKey = { key: KeyObject; algorithm: "EdDSA" | "ES256" | "RS256" };

/** A text is no public key that can be used. The message says why. */
export class PublicKeyError extends Error {}

/**
 * Reads a public key from a JWK in JSON or PEM (SubjectPublicKeyInfo): Ed25519, P-256, or RSA with 2,048 to 8,192 bits.
 *
 * @throws PublicKeyError
 */
export function readPublicKey(text: string): PublicKey {
  const key = text.trimStart().startsWith("{") ? readJwk(text) : readPem(text);
  return { key, algorithm: algorithmOf(key) };
}

function readPem(text: string): KeyObject {
  if (PEM.test(text)) return make(() => createPublicKey(text));
  throw new PublicKeyError("must be a JWK in JSON, or PEM that begins with -----BEGIN PUBLIC KEY-----");
}

function readJwk(text: string): KeyObject {
  const jwk = parseJsonObject(text);
  if (!jwk) throw new PublicKeyError("must be a JWK: a JSON object, each member of which is there once");
  if (SECRET_MEMBERS.some((name) => name in jwk)) {
    throw new PublicKeyError("holds a private or shared key: send the public key alone, and replace this one");
  }
  if (jwk.use !== undefined && jwk.use !== "sig") throw new PublicKeyError("must be a JWK with the `use` sig, or none");
  const key = make(() => createPublicKey({ key: jwk as never, format: "jwk" }));
  const algorithm = algorithmOf(key);
  const isSaid = jwk.alg === undefined || jwk.alg === algorithm || (algorithm === "EdDSA" && jwk.alg === "Ed25519");
  if (!isSaid) throw new PublicKeyError(`is used with ${algorithm}; its member \`alg\` must say so, or be left out`);
  return key;
}

function make(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw new PublicKeyError("cannot be read: it is damaged, or of a kind that is not known");
  }
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject) {
  if (type === "ed25519") return "EdDSA";
  if (type === "ec" && details.namedCurve === "prime256v1") return "ES256";
  if (type !== "rsa") throw new PublicKeyError("must be a key of Ed25519, P-256 or RSA");
  const { modulusLength: bits = 0, publicExponent = 0n } = details;
  const isStrong = bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && publicExponent >= 3n;
  if (isStrong) return "RS256";
  throw new PublicKeyError(`must have ${RSA_BITS_MIN} to ${RSA_BITS_MAX} bits and an exponent of 3 or more`);
}
