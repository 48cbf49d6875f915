import { z } from "zod";

/** `host:port`, where an IPv6 address is in brackets. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;

function isHost(text: string): boolean {
  return HOST.test(text) && URL.canParse(`http://${text}`);
}

function split(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

function hasScheme(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)) && hasRightEscapes(text);
}

/** Whether each `%` of user, password and path begins an escape of UTF-8. */
function hasRightEscapes(text: string): boolean {
  const { username, password, pathname } = new URL(text);
  try {
    decodeURIComponent(username + password + pathname);
    return true;
  } catch {
    return false;
  }
}

function rule(schemes: readonly string[]): string {
  return `${schemes.map((scheme) => `${scheme}://`).join(" or ")}, with a % in it written as %25`;
}

function addressOf(schemes: readonly string[]) {
  return z.string().refine((text) => hasScheme(text, schemes), `must be an address that begins with ${rule(schemes)}`);
}

/** An address of one of these schemes. */
export function address(...schemes: string[]) {
  return addressOf(schemes).optional();
}

/** The same without user and password, so that it may be told of. */
export function addressWithoutUser(...schemes: string[]) {
  return addressOf(schemes).refine(hasNoUser, "must have neither user nor password in it").optional();
}

/** Also where it is no address, which is told by itself. */
function hasNoUser(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}

/** Addresses of these schemes with commas between, as an array. */
export function addresses(...schemes: string[]) {
  return z
    .string()
    .transform(split)
    .refine(
      (parts) => parts.every((part) => hasScheme(part, schemes)),
      `must be addresses that begin with ${rule(schemes)}, with commas between`,
    )
    .optional();
}

/** `host:port`s with commas between, as an array. */
export function hosts() {
  return z
    .string()
    .transform(split)
    .refine((parts) => parts.every(isHost), "must be host:port, several with commas between")
    .optional();
}

/** A host of an address as a connection is made to it: IPv6 without its brackets. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
