import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { type FactName, type FactOf, formatFactName } from "../../../services/facts/fact-name.ts";
import type { FactSource } from "../../../services/facts/fact-source.ts";
import type { MemberFacts, UserFacts } from "../../../services/facts/facts.ts";

export const APPLICATION = "0123456789abcdefghjkmnpqrs";
export const CHAT: ChatName = { application: APPLICATION, chat: 1 };

/** A user called so. */
export function userFacts(displayName: string, user = "u"): UserFacts {
  const { USER: role } = User_Role;
  return { application: APPLICATION, user, displayName, role, bot: false, tokensFromMs: 0, endedSessions: [] };
}

/** A member who is muted until then. */
export function memberFacts(mutedUntilMs = 0): MemberFacts {
  return { role: Member_Role.MEMBER, mutedUntilMs, bannedUntilMs: 0 };
}

/** Facts as a database would have them. It says how often it was asked, and can be slow, or away. */
export class FakeFactSource implements FactSource {
  readonly #facts = new Map<string, unknown>();
  readonly asked: string[] = [];
  isAway = false;
  #answering: Promise<void> | undefined;

  set<Name extends FactName>(name: Name, value: FactOf<Name>): void {
    this.#facts.set(formatFactName(name), value);
  }

  /** From now on answers are what was true when it was asked, but wait for the function returned. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answering = promise;
    return () => {
      this.#answering = undefined;
      resolve();
    };
  }

  async load<Name extends FactName>(name: Name): Promise<FactOf<Name>> {
    this.asked.push(formatFactName(name));
    const value = this.#facts.get(formatFactName(name)) as FactOf<Name>;
    await this.#answering;
    if (this.isAway) throw new Error("the database is away");
    return value;
  }
}
