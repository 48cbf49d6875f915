import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKey } from "../token/token-secret.ts";

/** Which refresh token of which session: `generation` is how many came before it. */
export type RefreshTokenId = { session: string; generation: number };

const SESSION_BYTES = 16;
const GENERATION_BYTES = 4;
const ID_BYTES = SESSION_BYTES + GENERATION_BYTES;
const MAC_BYTES = 32;

/**
 * Makes refresh tokens: session, generation and an HMAC-SHA256 of both, in base64url. The same one is made again for the same
 * generation, and nobody makes one who does not have the secret.
 */
export class RefreshTokens {
  readonly #key: Uint8Array;

  /** @param secret of tokens */
  constructor(secret: string) {
    this.#key = deriveKey(secret, "refresh tokens");
  }

  format({ session, generation }: RefreshTokenId): string {
    const id = Buffer.alloc(ID_BYTES);
    id.write(session.replaceAll("-", ""), "hex");
    id.writeUInt32BE(generation, SESSION_BYTES);
    return Buffer.concat([id, this.#mac(id)]).toString("base64url");
  }

  /** What a genuine token is; undefined for anything else. */
  parse(token: string): RefreshTokenId | undefined {
    const bytes = Buffer.from(token, "base64url");
    if (bytes.length !== ID_BYTES + MAC_BYTES || bytes.toString("base64url") !== token) return undefined;
    const id = bytes.subarray(0, ID_BYTES);
    if (!timingSafeEqual(this.#mac(id), bytes.subarray(ID_BYTES))) return undefined;
    const hex = id.toString("hex", 0, SESSION_BYTES);
    const session = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    return { session, generation: id.readUInt32BE(SESSION_BYTES) };
  }

  #mac(id: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(id).digest();
  }
}
