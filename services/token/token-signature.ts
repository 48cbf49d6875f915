import { type CryptoKey, errors, type JWTVerifyOptions, jwtVerify, type KeyObject } from "jose";
import type { ParsedToken } from "./parsed-token.ts";
import type { TokenFault } from "./verified-token.ts";

/**
 * Verifies a token's signature by a key and one algorithm alone, whatever the token says, and its claims; undefined where
 * all is well.
 */
export async function findTokenFault(
  { text }: ParsedToken,
  key: CryptoKey | KeyObject,
  rules: JWTVerifyOptions & { algorithms: [string] },
): Promise<TokenFault | undefined> {
  try {
    await jwtVerify(text, key, rules);
    return undefined;
  } catch (error) {
    if (error instanceof errors.JWTExpired) return "expired";
    if (error instanceof errors.JOSEError || error instanceof TypeError) return "invalid";
    throw error;
  }
}
