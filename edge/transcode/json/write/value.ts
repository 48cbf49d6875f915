import type { Message } from "@bufbuild/protobuf";

/** Writes a value of one type as JSON text. @throws Error it is not of that type */
export type ValueWriter = (value: unknown) => string;

/** Writes a message as JSON text. @throws Error it is of another type, or has no JSON */
export type MessageWriter = (message: Message) => string;
