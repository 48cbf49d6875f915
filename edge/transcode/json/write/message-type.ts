import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { LocalMessage } from "../local-message.ts";
import { unwritable } from "./problem.ts";

/** The message, which must be of the type of its writer. @throws Error it is of another type */
export function ofType(desc: DescMessage, message: Message): LocalMessage {
  if (message.$typeName === desc.typeName || desc.fields.length === 0) return message as LocalMessage;
  throw unwritable(message.$typeName, `expected ${desc.typeName}`);
}
