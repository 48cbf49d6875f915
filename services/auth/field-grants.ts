import { clone, create, type DescMessage, type DescMethod, type Message } from "@bufbuild/protobuf";
import { type FieldMask, FieldMaskSchema, MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";
import { memoize } from "../rpc/memoize.ts";
import { ALL, type Rule } from "./policy.ts";
import { findSettableFields, type SettableField } from "./settable-fields.ts";
import type { Relation } from "./standing.ts";

/** The fields that some relations may not set, and the names of those that they may. */
type FieldLimits = { denied: readonly SettableField[]; granted: readonly string[] };

/** By it a backend names the user as whom it reads. */
const READ_AS = "user";

/** Which fields of a method's requests each relation may set. */
export class FieldGrants {
  readonly #input: DescMessage;
  readonly #limitsOf: (relations: string) => FieldLimits | undefined;

  constructor(method: DescMethod, rule: Rule) {
    this.#input = method.input;
    const isRead = method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
    const fields = findSettableFields(method.input);
    const grants = isRead ? readGrants(rule, fields) : rule;
    this.#limitsOf = memoize((relations) => limitsFor(relations.split(" ") as Relation[], grants, fields));
  }

  /**
   * The request, as these relations may make it: a mask of `*` changes what they may change.
   *
   * @throws PERMISSION_DENIED where fields are set that they may not set, whatever their values: naming them all
   */
  check(message: Message, relations: readonly Relation[]): Message {
    const limits = this.#limitsOf(relations.length === 1 ? relations[0]! : relations.join(" "));
    if (!limits || limits.denied.length === 0) return message;
    const paths = maskOf(message)?.paths ?? [];
    if (paths.length === 1 && paths[0] === "*") return this.#narrow(message, limits);
    const denied = limits.denied.filter(paths.length === 0 ? isSetIn(message) : isNamedIn(paths));
    if (denied.length > 0) throw this.#denied(denied);
    return message;
  }

  /** Who sends back what it was answered sets what it must not, unchanged: it is told of the mask. */
  #denied(fields: readonly SettableField[]): ConnectError {
    const paths = fields.map(({ path }) => path);
    const hasMask = this.#input.fields.some(({ message }) => message === FieldMaskSchema);
    const way = hasMask ? ", or name in update_mask what is to change" : "";
    const text = `this credential may not set ${paths.join(", ")}; leave ${paths.length === 1 ? "it" : "them"} out${way}`;
    return rpcError(Code.PermissionDenied, ErrorReason.FIELD_DENIED, text, { field: paths[0]! });
  }

  #narrow(message: Message, { granted }: FieldLimits): Message {
    const narrow = clone(this.#input, message) as Message & { updateMask?: FieldMask };
    narrow.updateMask = create(FieldMaskSchema, { paths: [...granted] });
    return narrow;
  }
}

/** Nobody looks for what is not shown to it, and backends alone read as others. */
function readGrants({ admin, backend, ...others }: Rule, fields: readonly SettableField[]): Rule {
  const own = fields.filter(({ name }) => name !== READ_AS).map(({ name }) => name);
  const limited = Object.entries(others).map(([relation, grant]) => [relation, grant === ALL ? own : grant]);
  return { ...(admin && { admin }), ...(backend && { backend }), ...Object.fromEntries(limited) };
}

/** Undefined where they may set every field. */
function limitsFor(
  relations: readonly Relation[],
  rule: Rule,
  fields: readonly SettableField[],
): FieldLimits | undefined {
  const grants = relations.map((relation) => rule[relation] ?? []);
  if (grants.includes(ALL)) return undefined;
  const names = new Set(grants.flat());
  const granted = fields.filter(({ name }) => names.has(name)).map(({ name }) => name);
  return { granted, denied: fields.filter(({ name }) => !names.has(name)) };
}

function maskOf(message: Message): FieldMask | undefined {
  return (message as Message & { updateMask?: FieldMask }).updateMask;
}

function isSetIn(message: Message) {
  return (field: SettableField): boolean => field.isSet(message);
}

function isNamedIn(paths: readonly string[]) {
  return ({ name }: SettableField): boolean => paths.some((path) => path === name || path.startsWith(`${name}.`));
}
