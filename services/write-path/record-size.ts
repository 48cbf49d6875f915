/** What a resource takes in a record beside its texts: names, times, numbers. */
const OVERHEAD_BYTES = 300;
/** Bytes of UTF-8 that a UTF-16 code unit takes at most. */
const BYTES_PER_UNIT = 3;

/** An upper estimate of what a resource takes in a record, from its text and its metadata; cheaper than encoding it. */
export function estimateBytes(text: string, metadata: Readonly<Record<string, string>>): number {
  let units = text.length;
  for (const key in metadata) units += key.length + metadata[key]!.length;
  return OVERHEAD_BYTES + BYTES_PER_UNIT * units;
}
