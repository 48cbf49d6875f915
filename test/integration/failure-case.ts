import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import type { Failure } from "../failure.ts";
import type { Names } from "./rpc-case.ts";

/**
 * What the failures' requests speak of: an application with two chats, the first with a message and a tombstone, and a
 * group of ada's that grace is in.
 */
export type Scene = Names & {
  tombstone: string;
  /** The address of a user. */
  email: string;
  /** Of ListChats, for page_size 1. */
  chatsPageToken: string;
  /** Of ListMessages in `chat`, for page_size 1. */
  messagesPageToken: string;
  /** Was given with a create in the application, in the chat, and by the administrator. */
  requestId: string;
};

type Expected = Pick<Failure, "code" | "reason"> & Partial<Failure>;

/** A call that fails in the same way by every protocol. */
export type FailureCase = {
  name: string;
  method: DescMethodUnary;
  as: "admin" | "application";
  request(scene: Scene): MessageInitShape<DescMessage>;
  expected(scene: Scene): Expected;
};

/** A failure of a method; the application's backend calls, if nobody else is named. */
export function failing<I extends DescMessage>(
  name: string,
  method: DescMethodUnary<I>,
  request: (scene: Scene) => MessageInitShape<NoInfer<I>>,
  expected: FailureCase["expected"],
  as: FailureCase["as"] = "application",
): FailureCase {
  return { name: `${method.name}: ${name}`, method, request: request as FailureCase["request"], expected, as };
}

/** Fields that break their rules. */
export const invalid =
  (...fields: string[]) =>
  (): Expected => ({ code: "InvalidArgument", reason: "FIELD_INVALID", metadata: {}, fields });

/** A failure that is about a resource. */
export const about =
  (code: string, reason: string, resource: (scene: Scene) => string) =>
  (scene: Scene): Expected => ({
    ...{ code, reason, fields: [] },
    metadata: { resource: resource(scene) },
  });

export const stale = (resource: (scene: Scene) => string) => about("Aborted", "ETAG_MISMATCH", resource);

export const reused = ({ requestId }: Scene): Expected => ({
  ...{ code: "AlreadyExists", reason: "REQUEST_ID_REUSED" },
  metadata: { request_id: requestId },
});

export const foreignToken = (): Expected => ({
  ...{ code: "InvalidArgument", reason: "PAGE_TOKEN_INVALID", metadata: {}, fields: [] },
});
