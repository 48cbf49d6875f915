import {
  type DescField,
  type DescMessage,
  type DescMethodUnary,
  fromJson,
  getOption,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { FieldBehavior, field_behavior } from "../../../gen/google/api/field_behavior_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { RPC_CASES } from "../rpc-cases.ts";
import { by, type HostileInput, INVALID, type Spoil, UNKNOWN_PATH } from "./hostile-input.ts";
import { requestOf, WAYS } from "./wire-request.ts";

/** By JSON names, and 0 for the first of a list. */
type Path = readonly (string | number)[];
type TooMuch = { path: Path; what: string; value: JsonValue };

/** Beyond the limit of every text but a message's body. */
const LONG = "x".repeat(10_000);
const MANY = 2_000;

/** The values that are too much for a field, whatever its rule, by what they are. */
function tooMuchFor(field: DescField): Record<string, JsonValue> {
  if (field.name === "body") return {};
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) return { "10,000 characters": LONG };
  if (field.message?.typeName === "google.protobuf.FieldMask")
    return { "2,000 paths": Array(MANY).fill("nope").join() };
  if (field.fieldKind !== "map") return {};
  const entries = Array.from({ length: MANY }, (_, index) => [`key ${index}`, "x"]);
  return { "2,000 keys": Object.fromEntries(entries), "a long key": { [LONG]: "x" }, "a long value": { x: LONG } };
}

/** Every field that is read and can be too long, inside other messages too. */
function findTooMuch(desc: DescMessage, inside: Path = []): TooMuch[] {
  return desc.fields.flatMap((field): TooMuch[] => {
    if (getOption(field, field_behavior).includes(FieldBehavior.OUTPUT_ONLY)) return [];
    const path = [...inside, field.jsonName];
    const values = Object.entries(tooMuchFor(field));
    if (values.length > 0) return values.map(([what, value]) => ({ path, what, value }));
    if (field.message === undefined || field.message.typeName.startsWith("google.")) return [];
    return findTooMuch(field.message, field.fieldKind === "list" ? [...path, 0] : path);
  });
}

function set(json: JsonValue | undefined, [step, ...rest]: Path, value: JsonValue): JsonValue {
  if (step === undefined) return value;
  if (typeof step === "number") return [set((json as JsonValue[])[step], rest, value)];
  return { ...(json as JsonObject), [step]: set((json as JsonObject | undefined)?.[step], rest, value) };
}

function spoilBy(method: DescMethodUnary, { path, value }: TooMuch): Spoil {
  return (cell) => {
    if (cell.method !== method) return undefined;
    const json = set(toJson(method.input, cell.message), path, value);
    return requestOf(cell.way, method, fromJson(method.input, json), cell.key);
  };
}

const batch = MessageService.method.batchCreateMessages;
const empty = Array<JsonValue>(MANY).fill({});

const EMPTY_BATCH: HostileInput = {
  name: "requests of BatchCreateMessages: 2,000, all of them empty",
  spoil: spoilBy(batch, { path: ["requests"], what: "", value: empty }),
  expected: by(WAYS, INVALID),
};

const LONG_FIELDS = RPC_CASES.flatMap(({ method }) =>
  findTooMuch(method.input).map((tooMuch) => ({
    name: `${tooMuch.path.join(".")} of ${method.name}: ${tooMuch.what}`,
    spoil: spoilBy(method, tooMuch),
    expected: { ...by(WAYS, INVALID), rest: [INVALID, UNKNOWN_PATH] },
  })),
);

/** Fields that hold too much for the rules of the contract, in every method that has them. In REST names are paths. */
export const LONG_INPUTS: readonly HostileInput[] = [...LONG_FIELDS, EMPTY_BATCH];
