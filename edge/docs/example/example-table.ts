import {
  create,
  createRegistry,
  type DescMessage,
  type DescMethod,
  type JsonObject,
  type JsonValue,
  type Message,
  type MessageInitShape,
  toJson,
} from "@bufbuild/protobuf";

/** A message that shows how one of its type looks. */
export type Example = { readonly desc: DescMessage; readonly message: Message };

/** What no descriptor tells of requests and answers. */
export type ExampleOptions = {
  /** Each stands for its type wherever that occurs, whole: a field that it leaves unset is not shown. */
  readonly messages: readonly Example[];
  /** Answers of methods, where they are not the example of their type. */
  readonly answers: ReadonlyMap<DescMethod, Example>;
};

/** An example whose fields the compiler knows: `example(ChatSchema, { title: "Order 1045" })`. */
export function example<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): Example {
  return { desc, message: create(desc, init) };
}

/** The canonical JSON of a message, of a type whose JSON is an object of its fields. */
export function exampleJson({ desc, message }: Example): JsonObject {
  const json: JsonValue = toJson(desc, message, { registry: createRegistry(desc.file) });
  return json as JsonObject;
}
