import { domainToASCII } from "node:url";
import { invalidFields } from "../rpc/errors.ts";

const MAX_LENGTH = 254;
/** RFC 5321's Dot-string, with the letters and digits of RFC 6531. A quoted local part is not taken: nobody has one. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
/** What a domain is made of once it is in ASCII. Its last label is no number, as in an address of IPv4. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * The form of an e-mail address that is stored and compared: in lower case, composed, its domain in ASCII. Two texts that
 * have the same form are one address, and mail is only ever sent to the form that is stored: so who registers with a
 * letter that merely looks, or folds, like another's cannot get that one's mail. INVALID_ARGUMENT where it is no address.
 *
 * @param field its proto path in the request
 */
export function normalizeEmail(text: string, field: string): string {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at).normalize("NFC").toLowerCase().normalize("NFC");
  const domain = domainToASCII(text.slice(at + 1));
  const email = `${local}@${domain}`;
  if (at > 0 && LOCAL_PART.test(local) && DOMAIN.test(domain) && email.length <= MAX_LENGTH) return email;
  const description = "is no e-mail address: letters, digits and !#$%&'*+/=?^_`{|}~-. then @ and a domain";
  throw invalidFields([{ field, description }]);
}
