import { Code, ConnectError } from "@connectrpc/connect";
import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import { bodyOf, text } from "../../message-text.ts";
import type { Services } from "../../tenant.ts";
import type { Create, Deletion, Edit, Get, List } from "../history/operation.ts";
import { ABSENT, DELETED, type Item, isChat, originOf, type State } from "../history/resource.ts";
import type { Recorder } from "./recorder.ts";

/** A create as it is asked for, again and again. */
export type Wanted = Pick<Create, "create" | "parent" | "states" | "requestId">;

/** The metadata under which a chat keeps its origin; a message keeps it as its author, which a tombstone still has. */
export const ORIGIN_KEY = "origin";

const PAGE_SIZE = 50;

/** A message as the API shows it. */
export function itemOf(message: Message): Item {
  const state = message.deleteTime ? DELETED : bodyOf(message)!;
  return { name: message.name, state, origin: message.author?.user ?? "" };
}

/** Attempts a create of messages or of a chat; resolves with the numbers, or with none where there was no answer. */
export function attemptCreate(recorder: Recorder, services: Services, wanted: Wanted): Promise<Create> {
  const begun = { kind: "create" as const, ...wanted, numbers: [] };
  const call = isChat(wanted.parent) ? () => createMessages(services, wanted) : () => createChat(services, wanted);
  return recorder.record<Create, number[]>({ begun, call, tell: (numbers) => ({ numbers }) });
}

async function createMessages(
  { messages }: Services,
  { create, parent, states, requestId }: Wanted,
): Promise<number[]> {
  const requests = states.map((state, index) => ({
    message: { ...text(state), author: { user: originOf(create, index) } },
  }));
  if (requests.length === 1) return [(await messages.createMessage({ parent, ...requests[0]!, requestId })).number];
  return (await messages.batchCreateMessages({ parent, requests, requestId })).messages.map(({ number }) => number);
}

async function createChat({ chats }: Services, { create, parent, states, requestId }: Wanted): Promise<number[]> {
  const chat = { title: states[0]!, metadata: { [ORIGIN_KEY]: originOf(create, 0) } };
  return [(await chats.createChat({ parent, chat, requestId })).number];
}

/** Changes a body; where an etag is given, only of the message that still has it. */
export function edit(
  recorder: Recorder,
  { messages }: Services,
  name: string,
  state: State,
  etag?: string,
): Promise<Edit> {
  const call = () => messages.updateMessage({ message: { name, etag, ...text(state) } });
  const begun = { kind: "edit" as const, name, state, etag };
  return recorder.record<Edit, unknown>({ begun, call, tell: () => ({}) });
}

/** Deletes a message, or a chat or application with what is in it. */
export function remove(recorder: Recorder, services: Services, name: string): Promise<Deletion> {
  const begun = { kind: "delete" as const, name };
  const call = () => callDelete(services, name);
  return recorder.record<Deletion, unknown>({ begun, call, tell: () => ({}) });
}

function callDelete({ applications, chats, messages }: Services, name: string): Promise<unknown> {
  if (isChat(name)) return chats.deleteChat({ name, force: true });
  return name.includes("/chats/")
    ? messages.deleteMessage({ name })
    : applications.deleteApplication({ name, force: true });
}

export function get(recorder: Recorder, { messages }: Services, name: string): Promise<Get> {
  const begun = { kind: "get" as const, name, state: ABSENT };
  const read = async () => {
    const message = await messages.getMessage({ name });
    return { state: itemOf(message).state, etag: message.etag };
  };
  const call = () => orAbsent<Pick<Get, "state" | "etag">>(read(), { state: ABSENT });
  return recorder.record<Get, Pick<Get, "state" | "etag">>({ begun, call, tell: (seen) => seen });
}

/** Reads a chat's newest page. */
export function list(recorder: Recorder, { messages }: Services, parent: string): Promise<List> {
  const begun = { kind: "list" as const, parent, found: [], from: 1 };
  const read = async () => {
    const page = await messages.listMessages({ parent, pageSize: PAGE_SIZE });
    const found = page.messages.map(itemOf);
    return { found, from: page.nextPageToken === "" ? 1 : page.messages.at(-1)!.number };
  };
  const call = () => orAbsent(read(), { found: [], from: 1 });
  const tell = (page: Pick<List, "found" | "from">) => page;
  return recorder.record<List, Pick<List, "found" | "from">>({ begun, call, tell });
}

/** What a read gives, or what it means that it finds nothing. */
async function orAbsent<T>(read: Promise<T>, absent: T): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.NotFound) return absent;
    throw error;
  }
}
