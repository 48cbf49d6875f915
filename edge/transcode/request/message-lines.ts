const NEWLINE = 0x0a;

/**
 * Splits bytes into lines. Blank ones are left out, and the last needs no newline.
 *
 * @param limit bytes of a line
 * @throws what `tooLong` makes, for a line above the limit
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  tooLong: () => Error,
): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      begun.push(chunk.subarray(from, end));
      size += end - from;
      if (size > limit) throw tooLong();
      const line = Buffer.concat(begun);
      if (!isBlank(line)) yield line;
      [begun, size, from] = [[], 0, end + 1];
    }
    begun.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > limit) throw tooLong();
  }
  const last = Buffer.concat(begun);
  if (!isBlank(last)) yield last;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
