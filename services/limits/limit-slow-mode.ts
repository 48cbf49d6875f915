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

/**
 * Refuses messages that a member sends sooner than its chat's slow mode allows: RESOURCE_EXHAUSTED, with the time after
 * which to repeat them. Runs after authorisation, which looks the chat up. A message that fails does not count.
 */
export function limitSlowMode(limits: RateLimits): Interceptor {
  return (next) => (request) => {
    if (request.method !== MessageService.method.createMessage) return next(request);
    const charge = slowModeOf(request);
    if (charge === undefined) return next(request);
    const { refused, scarce } = limits.take([charge]);
    if (refused !== undefined) throw rateLimited(refused);
    return next(request).then(
      (response) => {
        if (scarce !== undefined) tellUsage(scarce, response.header);
        return response;
      },
      (error) => {
        limits.giveBack(charge);
        throw error;
      },
    );
  };
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
