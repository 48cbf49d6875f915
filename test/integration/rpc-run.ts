import type { Message } from "@bufbuild/protobuf";
import type { TokenKey, Tokens } from "../../gen/parley/v1/auth_pb.ts";
import type { Mailbox } from "../mailbox.ts";
import { EMAIL } from "./people-cases.ts";
import { type Names, namesIn, type RpcCase } from "./rpc-case.ts";

/** What a run is of. */
export type RpcRunOptions = {
  /** The name of an application that has nothing yet. */
  application: string;
  apiKey: string;
  adminKey: string;
  /** Where mails go. */
  mailbox: Mailbox;
};

/** A run of all cases in their order: it learns from each answer what later ones need. */
export class RpcRun {
  readonly names: Names;
  readonly #mailbox: Mailbox;
  readonly #keys: Record<RpcCase["as"], string>;

  constructor({ application, apiKey, adminKey, mailbox }: RpcRunOptions) {
    this.names = namesIn(application);
    this.#mailbox = mailbox;
    this.#keys = { admin: adminKey, application: apiKey, registered: "not logged in yet", anyone: apiKey };
  }

  /** What a case's call is authorised with. */
  keyOf({ as }: RpcCase): string {
    return this.#keys[as];
  }

  /** To be called after each case. */
  async learn({ method }: RpcCase, answer: Message): Promise<void> {
    switch (method.localName) {
      case "createTokenKey":
        this.names.tokenKey = (answer as TokenKey).name;
        break;
      case "registerUser":
      case "requestPasswordReset":
        this.names.mailToken = await this.#mailbox.takeToken(EMAIL);
        break;
      case "activateUser":
      case "logIn":
      case "refreshTokens":
      case "changePassword":
        this.#learnTokens(answer as Tokens);
    }
  }

  #learnTokens({ accessToken, refreshToken, user }: Tokens): void {
    this.#keys.registered = accessToken;
    this.names.refreshToken = refreshToken;
    this.names.registered = user!.name;
  }
}
