import type { Item, State } from "./resource.ts";

/** How a call ended: `failed` had no effect and never will have; `unknown` may have had it, or may still. */
export type Outcome = "ok" | "failed" | "unknown";

/** When its caller began a call and when it ended, in milliseconds of one clock, and how. */
export type Call = {
  start: number;
  end: number;
  outcome: Outcome;
  /** The name of the error's code, where there was one. */
  code?: string | undefined;
  /** What a refusal told of the resource: that it is ABSENT or DELETED. */
  saw?: State | undefined;
};

/** One attempt to create messages of a chat or a chat of an application; attempts of one create share `create`. */
export type Create = Call & {
  kind: "create";
  create: string;
  parent: string;
  states: readonly State[];
  /** Empty where none was given. */
  requestId: string;
  /** What the caller was told; empty unless ok. */
  numbers: readonly number[];
};

/** A new body or title. States are unique, so that a read shows whose it is. */
export type Edit = Call & {
  kind: "edit";
  name: string;
  state: State;
  /** The etag that the message must still have had, where one was given. */
  etag?: string | undefined;
};

/** Of a message, chat or application. */
export type Deletion = Call & { kind: "delete"; name: string };

/** A read of one resource. */
export type Get = Call & { kind: "get"; name: string; state: State; etag?: string | undefined };

/** A page that shows every child from the number `from` on. */
export type List = Call & { kind: "list"; parent: string; from: number; found: readonly Item[] };

/** Everything that a caller does. */
export type Operation = Create | Edit | Deletion | Get | List;
