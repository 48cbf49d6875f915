import { type ListSupportChatsRequest, ListSupportChatsRequest_View } from "../../gen/parley/v1/support_pb.ts";
import type { Principal } from "../auth/principal.ts";
import { invalidFields } from "../rpc/errors.ts";
import type { SessionQuery } from "./support-store.ts";

/**
 * Which sessions a request lists. MINE are those of the agent who calls; the backend names one.
 *
 * @throws INVALID_ARGUMENT where `agent` is given and should not be, or the other way round
 */
export function queryOf({ view, agent }: ListSupportChatsRequest, caller: Principal): SessionQuery {
  const isMine = view === ListSupportChatsRequest_View.MINE;
  if (agent !== "" && !isMine) throw invalidAgent("is only taken with the view VIEW_MINE");
  if (!isMine) return { view: view === ListSupportChatsRequest_View.ALL ? "all" : "open" };
  if (caller.kind === "user") {
    if (agent === "" || agent === caller.user) return { view: "mine", agent: caller.user };
    throw invalidAgent("is left empty by an agent, whose own sessions are listed");
  }
  if (agent === "") throw invalidAgent("is required with the view VIEW_MINE: say whose sessions to list");
  return { view: "mine", agent };
}

function invalidAgent(description: string): Error {
  return invalidFields([{ field: "agent", description }]);
}
