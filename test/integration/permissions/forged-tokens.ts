import { decodeJwt, decodeProtectedHeader, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** The token with the same header and claims, signed by a key that is nobody's. */
export async function signAnew(token: string, claims: JWTPayload = {}): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA");
  const header = decodeProtectedHeader(token) as { alg: string };
  return new SignJWT({ ...decodeJwt(token), ...claims }).setProtectedHeader(header).sign(privateKey);
}

/** The token's claims, without a signature. */
export function unsigned(token: string): string {
  const header = { ...decodeProtectedHeader(token), alg: "none" };
  return `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${token.split(".")[1]}.`;
}

/** The token's header and signature around other claims. */
export function withClaims(token: string, claims: JWTPayload): string {
  const [header, , signature] = token.split(".");
  const changed = Buffer.from(JSON.stringify({ ...decodeJwt(token), ...claims })).toString("base64url");
  return `${header}.${changed}.${signature}`;
}
