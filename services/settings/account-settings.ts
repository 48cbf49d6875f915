import { z } from "zod";
import { ADMIN_KEY_RULE, isAdminKey } from "../auth/admin-key.ts";
import { ACCESS_TOKEN_TTL_MAX_MS } from "../token/access-token-ttl.ts";
import { isTokenSecret, TOKEN_SECRET_RULE } from "../token/token-secret.ts";
import { address } from "./addresses.ts";
import { duration } from "./duration.ts";
import { mailLink } from "./mail-link.ts";

/** Keys, tokens and mails. */
export const ACCOUNT_SETTINGS = {
  ADMIN_KEY: z.string().refine(isAdminKey, `must be ${ADMIN_KEY_RULE}`).optional(),
  API_KEY_GRACE: duration("24h", { max: "365d" }),
  TOKEN_SECRET: z.string().refine(isTokenSecret, `must be ${TOKEN_SECRET_RULE}`).optional(),
  TOKEN_ISSUER: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/, "must be 1 to 256 printable ASCII characters")
    .default("parley"),
  TOKEN_KEY_LEAD: duration("5m", { max: "1d" }),
  ACCESS_TOKEN_TTL: duration("15m", { min: "1s", max: `${ACCESS_TOKEN_TTL_MAX_MS / 60_000}m` }),
  REFRESH_TOKEN_TTL: duration("30d", { min: "1s", max: "365d" }),
  REFRESH_RETRY: duration("10s", { max: "1m" }),
  SMTP_URL: address("smtp", "smtps"),
  MAIL_FROM: z
    .string()
    .regex(/^(?:[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, "must be like Parley <parley@host.example>")
    .optional(),
  MAIL_LINK_ACTIVATE: mailLink(),
  MAIL_LINK_RESET: mailLink(),
  ACTIVATION_TTL: duration("24h", { min: "1s", max: "30d" }),
  PASSWORD_RESET_TTL: duration("1h", { min: "1s", max: "7d" }),
};
