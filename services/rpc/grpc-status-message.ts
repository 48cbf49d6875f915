const PLAIN = /^[ -$&-~]*$/;

/** The text of a status as `grpc-message` has it: the bytes of UTF-8 outside printable ASCII, and `%`, become `%XX`. */
export function encodeStatusMessage(text: string): string {
  if (PLAIN.test(text)) return text;
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
