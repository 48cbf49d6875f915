import { isAgentRole } from "../auth/agent-role.ts";
import { actorOf, type Principal } from "../auth/principal.ts";
import type { Facts } from "../facts/facts.ts";
import { notAnAgent } from "../rpc/errors.ts";

/**
 * The id of the agent to whom a session is to be assigned; empty for nobody.
 *
 * @param given as in the request; where it is empty, an agent who calls takes the session
 * @throws INVALID_ARGUMENT where the application has no such agent
 */
export async function agentFor(
  application: string,
  given: string,
  caller: Principal,
  facts: Pick<Facts, "user">,
): Promise<string> {
  if (given === "") return actorOf(caller);
  const role = (await facts.user(application, given))?.role;
  if (isAgentRole(role)) return given;
  throw notAnAgent("agent");
}
