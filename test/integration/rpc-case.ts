import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";

/** What a case's request may speak of: names of resources, and secrets that were told on the way. */
export type Names = {
  application: string;
  user: string;
  /** Who registered by itself. */
  registered: string;
  tokenKey: string;
  chat: string;
  message: string;
  group: string;
  member: string;
  support: string;
  mailToken: string;
  refreshToken: string;
};

/**
 * A call that succeeds where the cases before it did.
 *
 * - `admin`: with the admin key. `application`: with the application's api_key.
 * - `registered`: with an access token of the user who registered by itself.
 * - `anyone`: whatever the credential.
 */
export type RpcCase<I extends DescMessage = DescMessage> = {
  /** That of the method, and what sets it apart from others of its method. */
  name: string;
  method: DescMethodUnary<I>;
  as: "admin" | "application" | "registered" | "anyone";
  request(names: Names): MessageInitShape<I>;
};

/** A case of a method; `what` is added to its name. */
export function rpc<I extends DescMessage>(
  method: DescMethodUnary<I>,
  request: (names: Names) => MessageInitShape<NoInfer<I>>,
  { as = "application", what = "" }: { as?: RpcCase["as"]; what?: string } = {},
): RpcCase {
  return { name: method.name + what, method, as, request: request as RpcCase["request"] };
}

/** What the cases speak of in an application, where nothing else is known. */
export function namesIn(application: string): Names {
  const chat = `${application}/chats/1`;
  const group = `${application}/chats/2`;
  return {
    ...{ application, chat, group, message: `${chat}/messages/1`, member: `${group}/members/grace` },
    ...{ support: `${application}/chats/3`, user: `${application}/users/ada` },
    registered: `${application}/users/registered`,
    tokenKey: `${application}/tokenKeys/${"k".repeat(26)}`,
    ...{ mailToken: "m".repeat(43), refreshToken: "r".repeat(64) },
  };
}
