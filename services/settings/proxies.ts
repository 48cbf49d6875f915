import { isIP } from "node:net";
import { z } from "zod";

/** Names of ranges: the machine itself, its link, private networks. */
const RANGES = ["loopback", "linklocal", "uniquelocal"];

/** An address, a range such as `10.0.0.0/8`, or a range's name. */
function isProxy(text: string): boolean {
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return RANGES.includes(text);
  // A range of 0 bits would trust everybody.
  return bits === undefined || (Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128));
}

/** The addresses of trusted proxies with commas between, as an array; `false` is none. */
export function proxies(standard = "false") {
  return z
    .string()
    .transform((text) => (text === "false" ? [] : text.split(",").map((part) => part.trim())))
    .refine(
      (parts) => parts.every(isProxy),
      `must be false or a list of addresses, ranges such as 10.0.0.0/8, or ${RANGES.join(", ")}, with commas between`,
    )
    .prefault(standard);
}
