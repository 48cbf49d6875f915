import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { createMailedMethods, type MailedMethodsOptions } from "./mailed-methods.ts";
import { createSessionMethods, type SessionMethodsOptions } from "./session-methods.ts";

/** The methods of AuthService that are about keys. */
export type KeyMethods = Pick<
  ServiceImpl<typeof AuthService>,
  "createTokenKey" | "listTokenKeys" | "deleteTokenKey" | "getJsonWebKeySet"
>;

/** What the service works with. */
export type AuthServiceOptions = MailedMethodsOptions & SessionMethodsOptions & { keys: KeyMethods };

/** AuthService, as in proto/parley/v1/auth_service.proto. */
export function createAuthService({ keys, ...options }: AuthServiceOptions): ServiceImpl<typeof AuthService> {
  return { ...createMailedMethods(options), ...createSessionMethods(options), ...keys };
}
