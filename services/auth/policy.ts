import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { methodPath } from "../rpc/method-path.ts";
import type { Relation } from "./standing.ts";

/**
 * What a relation may do with a method: `ALL`; or the fields, by their proto names, that it may set where the method
 * writes, and that it is shown where the method reads.
 */
export type Grant = typeof ALL | readonly string[];

/** Every field. */
export const ALL = "all";

/** What each relation may do with a method; who has none of them is denied it. */
export type Rule = Readonly<Partial<Record<Relation, Grant>>>;

/** Who may call a method. `public`: anyone, without a credential. */
export type Access = "public" | Rule;

/** By method path. */
export type Policy = Readonly<Record<string, Access>>;

/** A part of a policy: the methods of a service. */
export function methodsOf<Desc extends DescService>(
  service: Desc,
  access: { readonly [Name in keyof Desc["method"]]: Access },
): Policy {
  const entries = Object.entries(access) as [string, Access][];
  return Object.fromEntries(entries.map(([name, who]) => [methodPath(service.method[name]!), who]));
}

/** A rule that allows these relations everything, and others what `limited` says. */
export function open(to: readonly Relation[], limited: Rule = {}): Rule {
  return { ...Object.fromEntries(to.map((relation) => [relation, ALL])), ...limited };
}

/** Who may call a method. Throws where the policy does not say. */
export function accessIn(policy: Policy, method: DescMethod): Access {
  const access = policy[methodPath(method)];
  if (!access) throw new Error(`the access policy has no entry for ${methodPath(method)}: say who may call it`);
  return access;
}
