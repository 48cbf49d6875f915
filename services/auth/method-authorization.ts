import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Code, type ConnectError, type ContextValues } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { formatChatName } from "../aip/resource-name.ts";
import type { MemberFacts, Soon } from "../facts/facts.ts";
import { whenKnown } from "../facts/soon.ts";
import { invalidFields, notFound, rpcError } from "../rpc/errors.ts";
import { methodPath } from "../rpc/method-path.ts";
import { DENIED_TO_MUTED } from "./access-policy.ts";
import { credentialDenied, roleDenied, userDenied } from "./denials.ts";
import { FieldGrants } from "./field-grants.ts";
import type { KnownTargets } from "./known-targets.ts";
import type { Rule } from "./policy.ts";
import type { Principal, UserPrincipal } from "./principal.ts";
import { type RelationFacts, type RelationQuestion, relationsTo } from "./relations.ts";
import { type Relation, type Standing, setStanding } from "./standing.ts";
import type { Target } from "./target.ts";
import { findTargetField, readText } from "./target-field.ts";

/** Of who is no user. */
const ADMIN: Standing = { relations: ["admin"] };
const BACKEND: Standing = { relations: ["backend"] };

/** What authorization works with. */
export type AuthorizationNeeds = { facts: RelationFacts; targets: KnownTargets };

/** What the policy asks of the calls of one method. */
export class MethodAuthorization {
  readonly #method: DescMethod;
  readonly #rule: Rule;
  readonly #facts: RelationFacts;
  readonly #targets: KnownTargets;
  readonly #fields: FieldGrants;
  readonly #target: ReturnType<typeof findTargetField>;
  readonly #question: (message: Message) => RelationQuestion;
  readonly #isOpenToUsers: boolean;
  readonly #isDeniedToMuted: boolean;

  constructor(method: DescMethod, rule: Rule, { facts, targets }: AuthorizationNeeds) {
    this.#method = method;
    this.#rule = rule;
    this.#facts = facts;
    this.#targets = targets;
    this.#fields = new FieldGrants(method, rule);
    this.#target = findTargetField(method.input);
    this.#question = createQuestion(method, rule);
    this.#isOpenToUsers = Object.keys(rule).some((relation) => relation !== "admin" && relation !== "backend");
    this.#isDeniedToMuted = DENIED_TO_MUTED.has(methodPath(method));
  }

  /**
   * Enters the standing of a caller. At once where the facts are known; throws, or rejects, where the call is denied.
   *
   * @returns the request, as the caller may make it
   */
  check(principal: Principal, message: Message, values: ContextValues): Soon<Message> {
    if (principal.kind === "user") return this.#checkUser(principal, message, values);
    const standing = principal.kind === "admin" ? ADMIN : BACKEND;
    if (!(standing.relations[0]! in this.#rule)) throw credentialDenied(this.#method, this.#rule);
    if (principal.kind === "application") this.#targetIn(principal.application, message);
    setStanding(values, standing);
    return this.#fields.check(message, standing.relations);
  }

  #checkUser(principal: UserPrincipal, message: Message, values: ContextValues): Soon<Message> {
    if (!this.#isOpenToUsers) throw credentialDenied(this.#method, this.#rule);
    const { name, target } = this.#targetOf(principal, message);
    return whenKnown(relationsTo(target, principal, this.#facts, this.#question(message)), (all) => {
      if (!all) throw notFound(name);
      const standing = this.#narrow(all);
      if (standing.relations.length === 0) throw this.#denied(target, name, principal, all);
      if (this.#isDeniedToMuted) checkMute(target, all.member);
      setStanding(values, standing);
      return this.#fields.check(message, standing.relations);
    });
  }

  /** With those relations alone that the rule allows anything. */
  #narrow(standing: Standing): Standing {
    const { relations } = standing;
    const isAllowed = (relation: Relation) => relation in this.#rule;
    return relations.every(isAllowed) ? standing : { ...standing, relations: relations.filter(isAllowed) };
  }

  #targetOf({ application }: UserPrincipal, message: Message): { name: string; target: Target } {
    const known = this.#target && this.#targets.find(this.#target.read(message));
    if (known?.application === application) return { name: this.#target!.read(message), target: known };
    const { name, path } = this.#targetIn(application, message);
    return { name, target: this.#targets.learn(name, path) };
  }

  /** An application, and who belongs to it, reach only what is its own. */
  #targetIn(application: string, message: Message): { name: string; path: string } {
    if (!this.#target) throw new Error(`${this.#method.name} has no field that tells its resource`);
    const { path, read } = this.#target;
    const name = read(message);
    if (name === "") throw invalidFields([{ field: path, description: "is required" }]);
    const own = `applications/${application}`;
    if (!name.startsWith(own) || (name.length > own.length && name[own.length] !== "/")) throw notFound(name);
    return { name, path };
  }

  #denied(target: Target, resource: string, principal: UserPrincipal, standing: Standing): ConnectError {
    const { kind } = target;
    const isInChat = kind !== "application" && kind !== "user" && kind !== "chats";
    if (isInChat) return roleDenied(this.#method, this.#rule, { target, resource, standing });
    return userDenied(this.#method, this.#rule, target, principal);
  }
}

/** What a rule asks of a request beside its target. */
function createQuestion({ input }: DescMethod, rule: Rule): (message: Message) => RelationQuestion {
  const isAuthorAsked = (others: readonly Relation[]) =>
    "author" in rule && !others.some((relation) => relation in rule);
  const always: RelationQuestion = { isAuthorAsked, author: "" };
  if (!("self" in rule)) return () => always;
  const readAuthor = readText(input, "author");
  return (message) => ({ isAuthorAsked, author: readAuthor(message) });
}

function checkMute(target: Target, member: MemberFacts | undefined): void {
  if (!member || member.mutedUntilMs <= Date.now() || !("chat" in target)) return;
  const until = new Date(member.mutedUntilMs).toISOString();
  const resource = formatChatName(target.chat);
  const message = `this user is muted in ${resource} until ${until}; repeat the call then`;
  throw rpcError(Code.PermissionDenied, ErrorReason.MUTED, message, { resource, until });
}
