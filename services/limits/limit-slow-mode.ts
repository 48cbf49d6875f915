import type { Interceptor } from "@connectrpc/connect";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { CreateMessageRequest } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { principalOf } from "../auth/principal.ts";
import { standingOf } from "../auth/standing.ts";
import type { CallRequest } from "../rpc/call-request.ts";
import type { Charge } from "./quota.ts";
import { rateLimited, tellUsage } from "./rate-limited.ts";
import type { RateLimits } from "./rate-limits.ts";

type Answer = { header: Headers };

/**
 * Refuses messages that a member sends sooner than its chat's slow mode allows: RESOURCE_EXHAUSTED, with the time after
 * which to repeat them. Runs after authorisation, which looks the chat up. A message that fails does not count.
 */
export function limitSlowMode(limits: RateLimits): Interceptor {
  return (next) => (request) => {
    if (request.method !== MessageService.method.createMessage) return next(request);
    const charge = slowModeOf(request);
    if (charge === undefined) return next(request);
    return limited(limits, charge, () => next(request));
  };
}

/**
 * Makes a call that counts in the window of all processes: it has room for one, so that each would let one through. Where
 * the others cannot be asked, this process decides alone.
 */
async function limited<Response extends Answer>(
  limits: RateLimits,
  charge: Charge,
  call: () => Promise<Response>,
): Promise<Response> {
  const together = limits.isAway ? undefined : await limits.takeTogether([charge]).catch(() => undefined);
  const { refused, scarce } = together ?? limits.take([charge]);
  if (refused !== undefined) throw rateLimited(refused);
  try {
    const response = await call();
    if (scarce !== undefined) tellUsage(scarce, response.header);
    return response;
  } catch (error) {
    if (together) await limits.giveBackTogether(together.counted).catch(() => undefined);
    else limits.giveBack(charge);
    throw error;
  }
}

/** Of a member who is neither OWNER nor ADMIN, in a chat that has a slow mode. */
function slowModeOf({ contextValues, message }: CallRequest): Charge | undefined {
  const principal = principalOf(contextValues);
  if (principal.kind !== "user") return undefined;
  const { chat, member } = standingOf(contextValues);
  if (!chat || chat.slowModeMs === 0 || member?.role !== Member_Role.MEMBER) return undefined;
  const { parent } = message as CreateMessageRequest;
  const quota = { name: "slow-mode", max: 1, windowMs: chat.slowModeMs } as const;
  // The window of another duration is another one, so that a shorter slow mode holds at once.
  return { key: `slow-mode:${quota.windowMs}:${parent}:${principal.user}`, quota };
}
