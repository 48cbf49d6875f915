const MAX_HEADERS = 1_000;
/** In characters. */
const MAX_LENGTH = 256;

/**
 * Hashes of keys by the header that came with a key in force, since hashing it again costs 1.3 µs a call; `null` is the
 * administrator's. A header that is not here is found out about in constant time, as a Map compares hashes of its own,
 * which nobody knows, before it compares texts.
 */
export class KnownHeaders {
  readonly #hashes = new Map<string, string | null>();

  hashOf(header: string): string | null | undefined {
    return this.#hashes.get(header);
  }

  /** The oldest makes room where there are too many; a header that is too long is not kept. */
  remember(header: string, hash: string | null): void {
    if (header.length > MAX_LENGTH || this.#hashes.has(header)) return;
    if (this.#hashes.size >= MAX_HEADERS) this.#hashes.delete(this.#hashes.keys().next().value!);
    this.#hashes.set(header, hash);
  }

  /** Forgets the headers of all keys but the administrator's and those that `isKnown`. */
  forgetUnless(isKnown: (hash: string) => boolean): void {
    for (const [header, hash] of this.#hashes) {
      if (hash !== null && !isKnown(hash)) this.#hashes.delete(header);
    }
  }
}
