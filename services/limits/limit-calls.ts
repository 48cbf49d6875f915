import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { isPublic } from "../auth/access-policy.ts";
import { type Principal, principalOf } from "../auth/principal.ts";
import type { ApplicationFacts, Facts } from "../facts/facts.ts";
import { ifKnown, whenKnown } from "../facts/soon.ts";
import { type CallRequest, callOf } from "../rpc/call-request.ts";
import { storeUnavailable } from "../rpc/errors.ts";
import { memoize } from "../rpc/memoize.ts";
import type { CallQuotas } from "./call-quotas.ts";
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

/**
 * Refuses calls that come too often: RESOURCE_EXHAUSTED, with the time after which to repeat them. Runs when it is known
 * who calls, and before anything is looked up, so that what is not allowed is not tried for ever. Nothing of it waits, as a
 * rule.
 */
export function limitCalls(options: LimitCallsOptions): Interceptor {
  const { facts, isUncounted } = options;
  const kindOf = memoize((method: DescMethod) => ({
    isUncounted: isUncounted(method),
    isOpen: isPublic(method),
  }));
  return (next) => (request) => {
    const { isUncounted, isOpen } = kindOf(request.method);
    if (isUncounted) return next(request);
    if (isOpen) {
      countStranger(options, request);
      return next(request);
    }
    const principal = principalOf(request.contextValues);
    if (principal.kind === "admin") return next(request);
    // The server's limits hold where those of the application cannot be read.
    return whenKnown(ifKnown(facts.application(principal.application)), (own) => {
      countFor(options, request, principal, own);
      return next(request);
    });
  };
}

/**
 * Counts a call of somebody who is not known, by its address.
 *
 * @throws RESOURCE_EXHAUSTED where there were too many from there
 */
export function countStranger(
  options: Pick<LimitCallsOptions, "limits" | "quotas" | "addresses" | "whenAway">,
  request: CallRequest,
): void {
  refuseWhereAway(options);
  count(options, request, options.quotas.ofAddress(enterAddress(options, request)));
}

function countFor(
  options: LimitCallsOptions,
  request: CallRequest,
  principal: Exclude<Principal, { kind: "admin" }>,
  own: ApplicationFacts | undefined,
): void {
  const { quotas } = options;
  if (principal.kind === "application") {
    count(options, request, quotas.ofBackend(principal, own));
    return;
  }
  refuseWhereAway(options);
  const isMessage = request.method === MessageService.method.createMessage;
  const address = enterAddress(options, request);
  count(options, request, quotas.ofUser({ principal, isMessage, address }, own));
}

function count({ limits }: Pick<LimitCallsOptions, "limits">, request: CallRequest, charges: readonly Charge[]): void {
  const { refused, scarce } = limits.take(charges);
  if (refused !== undefined) throw rateLimited(refused);
  if (scarce !== undefined) tellUsage(scarce, callOf(request).responseHeader);
}

function refuseWhereAway({ limits, whenAway }: Pick<LimitCallsOptions, "limits" | "whenAway">): void {
  if (whenAway === "closed" && limits.isAway) throw storeUnavailable("the store that counts calls", undefined);
}

function enterAddress({ addresses }: Pick<LimitCallsOptions, "addresses">, request: CallRequest): string | undefined {
  const address = addresses.of(callOf(request));
  if (address !== undefined) setClientAddress(request.contextValues, address);
  return address;
}
