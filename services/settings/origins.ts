import { z } from "zod";

/** `https://chat.example`, `http://localhost:5173`, `capacitor://localhost`: a scheme, a host, a port where it is not the scheme's. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@,*]+$/;

const RULE =
  "must be * or a list of origins as browsers send them, with commas between, such as https://chat.example: " +
  "no path, no upper case, no port that is the scheme's own";

/** The text that a browser would send as `Origin`. */
function isOrigin(text: string): boolean {
  if (!ORIGIN.test(text) || !URL.canParse(text)) return false;
  const { origin } = new URL(text);
  // What a URL of another scheme has as origin is the text "null".
  return origin === text || (origin === "null" && text === text.toLowerCase());
}

/** A list of origins with commas between, as an array; `*` stands for all. */
export function origins() {
  return z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .refine((parts) => parts.every(isOrigin) || (parts.length === 1 && parts[0] === "*"), RULE)
    .optional();
}
