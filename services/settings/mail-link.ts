import { z } from "zod";

const EXAMPLE = "https://app.example/confirm?application={application}&token={token}";

/** Whether it is an address that a mail can link to, of a page or an app, with the place for a token in it. */
function isLink(text: string): boolean {
  return text.includes("{token}") && URL.canParse(text) && !/\s/.test(text);
}

/** Where a mail's link leads: an address with `{token}` in it, and maybe `{application}`. */
export function mailLink() {
  return z.string().refine(isLink, `must be an address with {token} in it, as in ${EXAMPLE}`).optional();
}
