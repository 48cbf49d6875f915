import { create } from "@bufbuild/protobuf";
import { AuthorSchema, GetMessageRequestSchema, ListMessagesRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { Arrival } from "./arrivals.ts";
import type { UnaryClient } from "./unary-client.ts";
import { createRequest } from "./workload.ts";

const { createMessage, listMessages, getMessage } = MessageService.method;

/** An answer that cannot be: an older state than one that was answered before, or another message than asked for. */
class WrongAnswerError extends Error {}

export type UserCallsOptions = {
  client: UnaryClient;
  /** The application's name. */
  parent: string;
  pageSize: number;
  /** How many messages a chat has, at least, before anything is called. */
  sizeOf: (chat: number) => number;
};

/** What users of one application call, and whether it is answered rightly. */
export class UserCalls {
  readonly #options: UserCallsOptions;
  /** The highest number that was answered, by chat. */
  readonly #highest = new Map<number, number>();

  constructor(options: UserCallsOptions) {
    this.#options = options;
  }

  /** Rejects where the call fails, or with a WrongAnswerError. */
  async make({ kind, user, chat }: Arrival): Promise<void> {
    const name = `${this.#options.parent}/chats/${chat}`;
    if (kind === "create") await this.#create(name, chat, user);
    else if (kind === "list") await this.#list(name, chat);
    else await this.#get(name, chat);
  }

  async #create(parent: string, chat: number, user: number): Promise<void> {
    const request = createRequest(parent);
    request.message!.author = create(AuthorSchema, { user: `user-${user}`, displayName: `User ${user}` });
    const { number } = await this.#options.client.call(createMessage, request);
    this.#highest.set(chat, Math.max(this.#highestOf(chat), number));
  }

  async #list(parent: string, chat: number): Promise<void> {
    const { client, pageSize } = this.#options;
    const known = this.#highestOf(chat);
    const { messages } = await client.call(listMessages, create(ListMessagesRequestSchema, { parent, pageSize }));
    const newest = messages[0]?.number ?? 0;
    if (newest >= known && messages.length === Math.min(pageSize, newest)) return;
    throw new WrongAnswerError(`${parent} was listed from ${newest} on, ${messages.length} messages; it had ${known}`);
  }

  async #get(parent: string, chat: number): Promise<void> {
    const name = `${parent}/messages/${this.#highestOf(chat)}`;
    const message = await this.#options.client.call(getMessage, create(GetMessageRequestSchema, { name }));
    if (message.name !== name) throw new WrongAnswerError(`${name} was asked for, and ${message.name} answered`);
  }

  #highestOf(chat: number): number {
    return this.#highest.get(chat) ?? this.#options.sizeOf(chat);
  }
}
