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

/** Which fields of a writing method's requests each relation may set. */
export class FieldGrants {
  readonly #input: DescMessage;
  readonly #limitsOf: (relations: string) => FieldLimits | undefined;

  constructor(method: DescMethod, rule: Rule) {
    this.#input = method.input;
    const isRead = method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
    const fields = isRead ? [] : findSettableFields(method.input);
    this.#limitsOf = memoize((relations) => limitsFor(relations.split(" ") as Relation[], rule, fields));
  }

  /**
   * The request, as these relations may make it: a mask of `*` changes what they may change.
   *
   * @throws PERMISSION_DENIED where a field is set that they may not set
   */
  check(message: Message, relations: readonly Relation[]): Message {
    const limits = this.#limitsOf(relations.length === 1 ? relations[0]! : relations.join(" "));
    if (!limits || limits.denied.length === 0) return message;
    const paths = maskOf(message)?.paths ?? [];
    if (paths.length === 1 && paths[0] === "*") return this.#narrow(message, limits);
    const field = limits.denied.find(paths.length === 0 ? isSetIn(message) : isNamedIn(paths));
    if (field) throw fieldDenied(field.path);
    return message;
  }

  #narrow(message: Message, { granted }: FieldLimits): Message {
    const narrow = clone(this.#input, message) as Message & { updateMask?: FieldMask };
    narrow.updateMask = create(FieldMaskSchema, { paths: [...granted] });
    return narrow;
  }
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

function fieldDenied(field: string): ConnectError {
  const message = `this credential may not set ${field}; leave it out`;
  return rpcError(Code.PermissionDenied, ErrorReason.FIELD_DENIED, message, { field });
}
