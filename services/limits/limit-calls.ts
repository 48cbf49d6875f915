import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { CreateMessageRequest } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { accessOf } from "../auth/access-policy.ts";
import { type Principal, principalOf, type UserPrincipal } from "../auth/principal.ts";
import { standingOf } from "../auth/standing.ts";
import type { ApplicationFacts, Facts, Soon } from "../facts/facts.ts";
import { type CallRequest, callOf } from "../rpc/call-request.ts";
import { storeUnavailable } from "../rpc/errors.ts";
import { memoize } from "../rpc/memoize.ts";
import { type CallQuotas, slowModeCharge } from "./call-quotas.ts";
import { setClientAddress } from "./client-address.ts";
import type { ClientAddresses } from "./client-addresses.ts";
import type { Charge } from "./quota.ts";
import { rateLimited, tellUsage } from "./rate-limited.ts";
import type { RateLimits } from "./rate-limits.ts";

export type LimitCallsOptions = {
  limits: RateLimits;
  quotas: CallQuotas;
  addresses: ClientAddresses;
  facts: Pick<Facts, "application">;
  /** Where calls cannot be counted together: whether each process counts for itself, or refuses all but backends'. */
  whenAway: "open" | "closed";
  /** The methods that are not counted: those which nobody calls for an application. */
  isUncounted: (method: DescMethod) => boolean;
};

type Next = ReturnType<Interceptor>;

/**
 * Refuses calls that come too often: RESOURCE_EXHAUSTED, with the time after which to repeat them. Runs after
 * authorisation, so that a call that may not be made counts for nobody; nothing of it waits, as a rule.
 */
export function limitCalls(options: LimitCallsOptions): Interceptor {
  const { addresses, quotas, facts, isUncounted } = options;
  const kindOf = memoize((method: DescMethod) => ({
    isUncounted: isUncounted(method),
    isPublic: accessOf(method) === "public",
  }));
  return (next) => (request) => {
    const kind = kindOf(request.method);
    if (kind.isUncounted) return next(request);
    if (kind.isPublic) {
      refuseWhereAway(options);
      return count(options, next, request, quotas.ofAddress(enterAddress(addresses, request)));
    }
    const principal = principalOf(request.contextValues);
    if (principal.kind === "admin") return next(request);
    const own = limitsOf(facts, principal.application);
    if (own instanceof Promise) return own.then((found) => countFor(options, next, request, principal, found));
    return countFor(options, next, request, principal, own);
  };
}

/** The limits that an application has of its own. The server's hold where they cannot be read. */
function limitsOf(facts: Pick<Facts, "application">, application: string): Soon<ApplicationFacts | undefined> {
  const own = facts.application(application);
  return own instanceof Promise ? own.catch(() => undefined) : own;
}

function countFor(
  options: LimitCallsOptions,
  next: Next,
  request: CallRequest,
  principal: Exclude<Principal, { kind: "admin" }>,
  own: ApplicationFacts | undefined,
): ReturnType<Next> {
  const { quotas, addresses } = options;
  if (principal.kind === "application") {
    return count(options, next, request, quotas.ofBackend(principal.application, own));
  }
  refuseWhereAway(options);
  const isMessage = request.method === MessageService.method.createMessage;
  const address = enterAddress(addresses, request);
  const charges = quotas.ofUser({ principal, isMessage, address }, own);
  const slow = isMessage ? slowModeOf(request, principal) : undefined;
  if (slow === undefined) return count(options, next, request, charges);
  return count(options, next, request, [slow, ...charges]).catch((error) => {
    options.limits.giveBack(slow);
    throw error;
  });
}

/** A refused call has not been counted; so what is caught of it must not be given back. */
function count(
  { limits }: LimitCallsOptions,
  next: Next,
  request: CallRequest,
  charges: readonly Charge[],
): ReturnType<Next> {
  const { refused, scarce } = limits.take(charges);
  if (refused !== undefined) throw rateLimited(refused);
  if (scarce !== undefined) tellUsage(scarce, callOf(request).responseHeader);
  return next(request);
}

function refuseWhereAway({ limits, whenAway }: LimitCallsOptions): void {
  if (whenAway === "closed" && limits.isAway) throw storeUnavailable("the store that counts calls", undefined);
}

function enterAddress(addresses: ClientAddresses, request: CallRequest): string | undefined {
  const address = addresses.of(callOf(request));
  if (address !== undefined) setClientAddress(request.contextValues, address);
  return address;
}

/** Of a member who is neither owner nor administrator, in a chat that has a slow mode. */
function slowModeOf({ contextValues, message }: CallRequest, { user }: UserPrincipal): Charge | undefined {
  const { chat, member } = standingOf(contextValues);
  if (!chat || chat.slowModeMs === 0 || member?.role !== Member_Role.MEMBER) return undefined;
  return slowModeCharge((message as CreateMessageRequest).parent, user, chat.slowModeMs);
}
