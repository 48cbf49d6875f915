import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { quote } from "../../quoted.ts";
import type { JsonCursor } from "../text/cursor.ts";
import { givenTwice, JsonProblem } from "../text/problem.ts";
import { AnyTypes } from "./any-type.ts";
import type { MessageReaders } from "./message.ts";
import { jsonReader, type ValueReader } from "./value.ts";

/** Reads google.protobuf.Any: an object of its type's fields, or with a `value`, beside `"@type"`. */
export function anyReader(readers: MessageReaders): ValueReader {
  const types = new AnyTypes();
  return jsonReader(AnySchema.typeName, (cursor) => readAny(cursor, types, readers));
}

function readAny(cursor: JsonCursor, types: AnyTypes, readers: MessageReaders): Any {
  const start = cursor.tell();
  const typeUrl = types.find(cursor);
  if (typeUrl === undefined) {
    cursor.openObject();
    return create(AnySchema);
  }
  const desc = findDesc(cursor, typeUrl, start, readers);
  const message = hasCustomJsonRepresentation(desc)
    ? readWrapped(cursor, desc, readers)
    : readers.object(desc).readObject(cursor, true);
  cursor.start = start;
  readers.requireFields(desc, message);
  return create(AnySchema, { typeUrl, value: toBinary(desc, message) });
}

function findDesc(cursor: JsonCursor, typeUrl: string, start: number, { registry }: MessageReaders): DescMessage {
  const slash = typeUrl.lastIndexOf("/");
  const desc = slash === -1 ? undefined : registry?.getMessage(typeUrl.slice(slash + 1));
  if (desc !== undefined) return desc;
  cursor.start = start;
  throw new JsonProblem(
    slash === -1
      ? `"@type" must be as in type.googleapis.com/package.Message, got ${quote(typeUrl)}`
      : `"@type" names ${quote(typeUrl)}, which is not known here`,
  );
}

/** The JSON of a type that is no object of its fields stands in `value`. */
function readWrapped(cursor: JsonCursor, desc: DescMessage, readers: MessageReaders): Message {
  const seen = new Set<string>();
  let message: Message | undefined;
  let more = cursor.openObject();
  while (more) {
    const key = cursor.readKey();
    if (seen.has(key)) throw givenTwice(key);
    seen.add(key);
    if (key === "value") message = readers.of(desc).read(cursor) as Message;
    else if (key === "@type") cursor.readString();
    else throw new JsonProblem(`${desc.typeName} stands in "value", beside which there is no ${quote(key)}`);
    more = cursor.nextMember();
  }
  if (message === undefined) throw new JsonProblem(`${desc.typeName} stands in "value", which is missing`);
  return message;
}
