import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import type { Relation } from "../../../services/auth/standing.ts";

/** Where what a call names is. `absent` is nowhere. */
export const PLACES = ["group", "support", "open", "absent"] as const;
export type Place = (typeof PLACES)[number];

/** What a user is in the application, and to the group and the support session; "nobody" where that does not exist for it. */
export type Part = {
  application: readonly Relation[];
  group: readonly Relation[] | "nobody";
  support: readonly Relation[] | "nobody";
  role?: User_Role;
  /** In which place the user wrote the message that calls name. */
  wrote?: Place;
  isMuted?: true;
};

const USER = ["user"] as const;

/** The users of the application. Each id says what it is. */
export const CAST = {
  stranger: { application: USER, group: "nobody", support: "nobody" },
  member: { application: USER, group: ["member"], support: "nobody", wrote: "group" },
  reader: { application: USER, group: ["member"], support: "nobody" },
  muted: { application: USER, group: ["member"], support: "nobody", isMuted: true },
  banned: { application: USER, group: "nobody", support: "nobody" },
  moderator: { application: USER, group: ["member", "moderator"], support: "nobody" },
  owner: { application: USER, group: ["member", "owner"], support: "nobody" },
  customer: { application: USER, group: "nobody", support: ["customer"], wrote: "support" },
  agent: { application: ["user", "agent"], group: "nobody", support: ["agent"], role: User_Role.AGENT },
  manager: { application: ["user", "agent", "manager"], group: "nobody", support: ["agent"], role: User_Role.ADMIN },
} as const satisfies Record<string, Part>;

export type UserId = keyof typeof CAST;

/** Credentials that open nothing. */
export const BAD_CREDENTIALS = {
  none: "CREDENTIAL_MISSING",
  "an unknown key": "CREDENTIAL_INVALID",
  "an expired token": "TOKEN_EXPIRED",
  "a token signed by another key": "CREDENTIAL_INVALID",
  "a token with alg none": "CREDENTIAL_INVALID",
  "a token with another audience": "CREDENTIAL_INVALID",
} as const;

export type BadCredential = keyof typeof BAD_CREDENTIALS;

/** Who calls. `foreign`: the backend, or a user, of another application. */
export type Caller =
  | { kind: "admin" | "backend" | "foreign backend" | "foreign user" }
  | { kind: "user"; user: UserId };
