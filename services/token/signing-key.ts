import type { CryptoKey, JWK } from "jose";
import { compactDecrypt } from "jose/jwe/compact/decrypt";
import { CompactEncrypt } from "jose/jwe/compact/encrypt";
import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { exportJWK } from "jose/key/export";
import { generateKeyPair } from "jose/key/generate/keypair";
import { importJWK } from "jose/key/import";
import type { Attributes } from "sequelize";
import type { SigningKeyRow } from "./signing-key-model.ts";

/** EdDSA with Ed25519 (RFC 8037): what the server's own tokens are signed with, and nothing else. */
export const SIGNING_ALGORITHM = "EdDSA";
const CURVE = "Ed25519";
/** The private key is encrypted by a key that both sides have (RFC 7518, 4.5 and 5.3). */
const ENCRYPTION = { alg: "dir", enc: "A256GCM" } as const;

/** What access tokens are signed with. Times are milliseconds since 1970. */
export type SigningKey = {
  /** The `kid`: its thumbprint (RFC 7638). */
  id: string;
  /** As it is published. */
  publicJwk: JWK;
  publicKey: CryptoKey;
  privateKey: CryptoKey;
  /** From when on tokens are signed with it. */
  signTimeMs: number;
  /** From when on its tokens are not accepted; undefined while no key has replaced it. */
  expireTimeMs: number | undefined;
};

/** A new key as it is stored, its private half encrypted under a key of 256 bits. */
export async function makeSigningKeyRow(
  encryptionKey: Uint8Array,
  { createTimeMs, signTimeMs }: { createTimeMs: number; signTimeMs: number },
): Promise<Attributes<SigningKeyRow>> {
  const pair = await generateKeyPair(SIGNING_ALGORITHM, { crv: CURVE, extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const id = await calculateJwkThumbprint(publicJwk);
  const plain = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.privateKey)));
  const privateKey = await new CompactEncrypt(plain)
    .setProtectedHeader({ ...ENCRYPTION, kid: id })
    .encrypt(encryptionKey);
  const publicKey = JSON.stringify(publicJwk);
  return { id, publicKey, privateKey, createTime: createTimeMs, signTime: signTimeMs, expireTime: null };
}

/**
 * Decrypts a stored key. Rejects where it was not encrypted under this key. What is stored as the public half is for people
 * alone: the half that counts comes with the private one, so that who can write to the database adds no key.
 */
export async function openSigningKey(row: Attributes<SigningKeyRow>, encryptionKey: Uint8Array): Promise<SigningKey> {
  const { plaintext, protectedHeader } = await compactDecrypt(row.privateKey, encryptionKey, {
    keyManagementAlgorithms: [ENCRYPTION.alg],
    contentEncryptionAlgorithms: [ENCRYPTION.enc],
  });
  if (protectedHeader.kid !== row.id) throw new Error("it is the key of another row");
  const { d, ...pure } = JSON.parse(new TextDecoder().decode(plaintext)) as JWK;
  const [publicKey, privateKey] = await Promise.all([
    importJWK(pure, SIGNING_ALGORITHM),
    importJWK({ ...pure, d: d! }, SIGNING_ALGORITHM),
  ]);
  return {
    id: row.id,
    publicJwk: { ...pure, kid: row.id, alg: SIGNING_ALGORITHM, use: "sig" },
    publicKey: publicKey as CryptoKey,
    privateKey: privateKey as CryptoKey,
    signTimeMs: row.signTime,
    expireTimeMs: row.expireTime ?? undefined,
  };
}
