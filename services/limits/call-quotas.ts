import type { Principal, UserPrincipal } from "../auth/principal.ts";
import type { ApplicationFacts } from "../facts/facts.ts";
import type { Settings } from "../settings/settings.ts";
import type { Charge, Quota, QuotaName } from "./quota.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type QuotaSettings = Pick<
  Settings,
  | "USER_MESSAGES_PER_MINUTE"
  | "USER_MESSAGES_PER_DAY"
  | "USER_CALLS_PER_MINUTE"
  | "APPLICATION_CALLS_PER_MINUTE"
  | "ADDRESS_CALLS_PER_MINUTE"
>;

type BackendPrincipal = Extract<Principal, { kind: "application" }>;

/** A user's call. */
export type UserCall = {
  principal: UserPrincipal;
  /** Whether it sends a message. */
  isMessage: boolean;
  address: string | undefined;
};

/** The quotas of an application; those that are none are left out. */
type QuotaSet = { messages: readonly Quota[]; calls: readonly Quota[]; application: readonly Quota[] };

/** What the calls of a principal count on, as long as it comes from the same address and its application has the same quotas. */
type Known = { set: QuotaSet; address: string | undefined; messages: readonly Charge[]; calls: readonly Charge[] };

/** What calls count on: the settings, or what an application has instead. */
export class CallQuotas {
  readonly #settings: QuotaSettings;
  readonly #address: readonly Quota[];
  readonly #standard: QuotaSet;
  /** Facts are the same object as long as nothing changed. */
  readonly #own = new WeakMap<ApplicationFacts, QuotaSet>();
  /** A principal is the same object as long as its credential is known; to make its charges anew takes a microsecond. */
  readonly #known = new WeakMap<Principal, Known>();

  constructor(settings: QuotaSettings) {
    this.#settings = settings;
    this.#address = quotas(["address-calls-minute", settings.ADDRESS_CALLS_PER_MINUTE, MINUTE_MS]);
    this.#standard = this.#setOf(undefined);
  }

  /** What a call without a principal counts on. */
  ofAddress(address: string | undefined): Charge[] {
    return address === undefined ? [] : this.#address.map((quota) => charge(quota, address));
  }

  /** What a call of an application's backend counts on. */
  ofBackend(principal: BackendPrincipal, facts: ApplicationFacts | undefined): readonly Charge[] {
    return this.#chargesOf(principal, undefined, facts).calls;
  }

  /** What a user's call counts on. That of the application is the last, which a refused call does not use up. */
  ofUser({ principal, isMessage, address }: UserCall, facts: ApplicationFacts | undefined): readonly Charge[] {
    const { messages, calls } = this.#chargesOf(principal, address, facts);
    return isMessage ? messages : calls;
  }

  #chargesOf(
    principal: UserPrincipal | BackendPrincipal,
    address: string | undefined,
    facts: ApplicationFacts | undefined,
  ): Known {
    const set = this.#setFor(facts);
    const known = this.#known.get(principal);
    if (known !== undefined && known.set === set && known.address === address) return known;
    const { application } = principal;
    const first = this.ofAddress(address);
    const last = set.application.map((quota) => charge(quota, application));
    const own = (quotas: readonly Quota[]): Charge[] =>
      principal.kind === "user" ? quotas.map((quota) => charge(quota, `${application}:${principal.user}`)) : [];
    const made = {
      ...{ set, address },
      messages: [...first, ...own(set.messages), ...last],
      calls: [...first, ...own(set.calls), ...last],
    };
    this.#known.set(principal, made);
    return made;
  }

  #setFor(facts: ApplicationFacts | undefined): QuotaSet {
    if (facts === undefined) return this.#standard;
    const known = this.#own.get(facts);
    if (known !== undefined) return known;
    const made = this.#setOf(facts);
    this.#own.set(facts, made);
    return made;
  }

  #setOf(facts: ApplicationFacts | undefined): QuotaSet {
    const standard = this.#settings;
    return {
      messages: quotas(
        ["user-messages-minute", facts?.userMessagesPerMinute ?? standard.USER_MESSAGES_PER_MINUTE, MINUTE_MS],
        ["user-messages-day", facts?.userMessagesPerDay ?? standard.USER_MESSAGES_PER_DAY, DAY_MS],
      ),
      calls: quotas(["user-calls-minute", facts?.userCallsPerMinute ?? standard.USER_CALLS_PER_MINUTE, MINUTE_MS]),
      application: quotas([
        "application-calls-minute",
        facts?.callsPerMinute ?? standard.APPLICATION_CALLS_PER_MINUTE,
        MINUTE_MS,
      ]),
    };
  }
}

/** 0 is no limit. */
function quotas(...given: [name: QuotaName, max: number, windowMs: number][]): Quota[] {
  return given.filter(([, max]) => max > 0).map(([name, max, windowMs]) => ({ name, max, windowMs }));
}

function charge(quota: Quota, whose: string): Charge {
  return { key: `${quota.name}:${whose}`, quota };
}
