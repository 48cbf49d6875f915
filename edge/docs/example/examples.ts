import type { DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { FieldBehavior } from "../../../gen/google/api/field_behavior_pb.ts";
import { type Capture, hasBehavior, type Route } from "../../transcode/index.ts";
import type { Resource } from "../open-api/resource-pattern.ts";
import { isRequired } from "../schema/field-behavior.ts";
import { wellKnownSchema } from "../schema/well-known-schema.ts";
import { type ExampleOptions, exampleJson } from "./example-table.ts";
import { MessageExamples, prune } from "./message-example.ts";
import { ResourceNames } from "./resource-names.ts";

/** What the requests and answers of routes look like. */
export class Examples {
  readonly #answers: ExampleOptions["answers"];
  readonly #messages: MessageExamples;
  readonly #names: ResourceNames;

  constructor(resources: readonly Resource[], { messages, answers }: ExampleOptions) {
    this.#answers = answers;
    this.#names = new ResourceNames(resources);
    const given = new Map(messages.map((one) => [one.desc, exampleJson(one)]));
    for (const [desc, json] of given) this.#names.learn(desc, json);
    this.#messages = new MessageExamples(given, this.#names);
  }

  /** What a part of the path captures, as a whole; undefined where the descriptors do not tell what it names. */
  capture({ method }: Route, { path }: Capture): JsonValue | undefined {
    const given = dig(this.#messages.given(method.input), path.name.split("."), method.input);
    return given ?? this.#names.nameFor(path.field);
  }

  /** Any value of a scalar field. */
  value(field: DescField): JsonValue {
    return this.#messages.field(field, "request")!;
  }

  /** What a variable of the path that names a resource stands for. */
  variable(name: string): string {
    return this.#names.valueOf(name);
  }

  /** A query parameter: what the example of the request has, or, where it must be there, any value that it can have. */
  query({ method }: Route, path: readonly DescField[]): JsonValue | undefined {
    const names = path.map(({ name }) => name);
    const given = dig(this.#messages.given(method.input), names, method.input);
    return given ?? (path.every(isRequired) ? this.#messages.field(path.at(-1)!, "request") : undefined);
  }

  /** The JSON of the body; undefined where there is none, or it is bytes. */
  body(route: Route): JsonValue | undefined {
    const { body, method } = route;
    if (body.kind === "none" || body.raw) return undefined;
    const request = this.#messages.message(method.input, "request");
    if (!isObject(request)) return request;
    if (body.kind === "request") return omit(request, capturedNames(route));
    const value = request[body.field.jsonName] ?? this.#messages.field(body.field, "request");
    return route.httpMethod === "PATCH" && isObject(value) ? changeable(body.field.message, value) : value;
  }

  /** The JSON of the answer, or of a message of it; undefined where it is bytes. */
  answer({ method, responseBody, rawAnswer }: Route): JsonValue | undefined {
    if (rawAnswer) return undefined;
    const own = this.#answers.get(method);
    const json = own === undefined ? this.#messages.message(method.output, "answer") : exampleJson(own);
    if (responseBody === undefined) return json;
    return isObject(json) ? json[responseBody.jsonName] : undefined;
  }

  /** The value that a field has in the example given for its message. */
  property(field: DescField): JsonValue | undefined {
    return this.#messages.given(field.parent)?.[field.jsonName];
  }
}

function dig(json: JsonObject | undefined, names: readonly string[], desc: DescMessage): JsonValue | undefined {
  const [name, ...rest] = names;
  const field = desc.fields.find((candidate) => candidate.name === name);
  const value = field === undefined ? undefined : json?.[field.jsonName];
  if (rest.length === 0 || field?.message === undefined) return value;
  return dig(value as JsonObject | undefined, rest, field.message);
}

function capturedNames({ captures }: Route): string[] {
  return captures.flatMap(({ path }) => (path.parents.length === 0 ? [path.field.jsonName] : []));
}

/** What an update can change: not what is immutable. */
function changeable(desc: DescMessage | undefined, json: JsonObject): JsonObject {
  if (desc === undefined || wellKnownSchema(desc) !== undefined) return json;
  const immutable = desc.fields.filter((field) => hasBehavior(field, FieldBehavior.IMMUTABLE));
  return omit(
    prune(desc, json, "request"),
    immutable.map(({ jsonName }) => jsonName),
  );
}

function omit(json: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
