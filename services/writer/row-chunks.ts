/** Rows of one INSERT at most. */
const MAX_ROWS = 1_000;
/** Characters of one INSERT at most; with what MySQL's escaping adds, they stay below its max_allowed_packet. */
const MAX_CHARACTERS = 2_000_000;

/** Rows in their order, as many together as one INSERT takes. A row that is larger stands alone. */
export function chunkRows<Row extends object>(rows: readonly Row[]): Row[][] {
  const chunks: Row[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const length = charactersOf(row);
    characters += length;
    if (characters > MAX_CHARACTERS || chunks.at(-1)!.length >= MAX_ROWS) {
      chunks.push([]);
      characters = length;
    }
    chunks.at(-1)!.push(row);
  }
  return chunks;
}

/** Bytes are written in hex. */
function charactersOf(row: object): number {
  let characters = 0;
  for (const value of Object.values(row)) {
    if (typeof value === "string") characters += value.length;
    else if (value instanceof Uint8Array) characters += 2 * value.byteLength;
  }
  return characters;
}
