import { type Author, Author_Type } from "../../gen/parley/v1/message_pb.ts";
import { isAgentRole } from "../auth/agent-role.ts";
import type { Principal } from "../auth/principal.ts";
import type { Facts, Soon, UserFacts } from "../facts/facts.ts";
import { ifKnown, whenKnown } from "../facts/soon.ts";

/** What kind of author a user is. */
function authorTypeOf({ role, bot }: Pick<UserFacts, "role" | "bot">): Author_Type {
  if (bot) return Author_Type.BOT;
  return isAgentRole(role) ? Author_Type.AGENT : Author_Type.CUSTOMER;
}

/** As a literal, which takes 0.1 µs where `create` takes 2. */
function author(user: string, displayName: string, type: Author_Type): Author {
  return { $typeName: "parley.v1.Author", user, displayName, type };
}

/**
 * Who writes a message: a user itself, under the name of its profile; the backend, or the user that it names. Such a user
 * has the name of its profile where none is given, and need not be one that Parley knows, or can look up now: creates go on
 * while the database is away.
 */
export function authorOf(
  facts: Pick<Facts, "user">,
  principal: Principal,
  application: string,
  wanted: Author | undefined,
): Soon<Author> {
  if (principal.kind === "user") return author(principal.user, principal.displayName, authorTypeOf(principal));
  const { user = "", displayName = "" } = wanted ?? {};
  if (user === "") return author("", displayName, Author_Type.BACKEND);
  return whenKnown(ifKnown(facts.user(application, user)), (known) => named(user, displayName, known));
}

function named(user: string, displayName: string, known: UserFacts | undefined): Author {
  if (!known) return author(user, displayName, Author_Type.BACKEND);
  return author(user, displayName || known.displayName, authorTypeOf(known));
}
