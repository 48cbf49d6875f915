import { setTimeout as delay } from "node:timers/promises";
import { ListMessagesRequest_Order as Order } from "../../../gen/parley/v1/message_pb.ts";
import type { Services } from "../../tenant.ts";
import { checkAgreement } from "../history/check-agreement.ts";
import { checkSubscribers } from "../history/check-subscribers.ts";
import type { Event, History, Stored } from "../history/history.ts";
import type { Item } from "../history/resource.ts";
import { createScene } from "../history/scene.ts";
import { itemOf } from "../load/calls.ts";
import { COMMON_WORD } from "../load/creates.ts";
import { chatItemOf } from "./event-reader.ts";

const PAGE_SIZE = 500;

/** What a state is read from beside the API. */
export type Sources = {
  /** With the administrator's key. */
  services: Services;
  readRows: () => Promise<Item[]>;
  readDeadLetters: () => Promise<string[]>;
};

type Page<T> = { items: readonly T[]; nextPageToken: string };

async function readPages<T>(read: (pageToken: string) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let token = ""; ; ) {
    const { items, nextPageToken } = await read(token);
    all.push(...items);
    if (nextPageToken === "") return all;
    token = nextPageToken;
  }
}

/** Everything that is stored, as API, database and search index have it. */
async function readStored({ services, readRows, readDeadLetters }: Sources): Promise<Stored> {
  const applications = await readPages(async (pageToken) => {
    const page = await services.applications.listApplications({ pageSize: PAGE_SIZE, pageToken });
    return { items: page.applications, nextPageToken: page.nextPageToken };
  });
  const chats = await gather(applications, ({ name }) => readChats(services, name));
  const messages = await gather(chats, ({ name }) => readMessages(services, name));
  const indexed = await gather(chats, ({ name }) => readIndexed(services, name));
  return {
    shown: [...chats.map(chatItemOf), ...messages],
    rows: await readRows(),
    indexed,
    counts: [
      ...applications.map(({ name, chatsCount }) => ({ name, count: chatsCount })),
      ...chats.map(({ name, messagesCount }) => ({ name, count: messagesCount })),
    ],
    deadLetters: await readDeadLetters(),
  };
}

async function gather<From, To>(list: readonly From[], read: (each: From) => Promise<To[]>): Promise<To[]> {
  const parts: To[][] = [];
  for (const each of list) parts.push(await read(each));
  return parts.flat();
}

function readChats({ chats }: Services, parent: string) {
  return readPages(async (pageToken) => {
    const page = await chats.listChats({ parent, pageSize: PAGE_SIZE, pageToken });
    return { items: page.chats, nextPageToken: page.nextPageToken };
  });
}

function readMessages({ messages }: Services, parent: string): Promise<Item[]> {
  return readPages(async (pageToken) => {
    const page = await messages.listMessages({ parent, pageSize: PAGE_SIZE, order: Order.OLDEST_FIRST, pageToken });
    return { items: page.messages.map(itemOf), nextPageToken: page.nextPageToken };
  });
}

function readIndexed({ search }: Services, parent: string): Promise<Item[]> {
  return readPages(async (pageToken) => {
    const page = await search.searchMessages({ parent, query: COMMON_WORD, pageSize: PAGE_SIZE, pageToken, order: 2 });
    return { items: page.results.map(({ message }) => itemOf(message!)), nextPageToken: page.nextPageToken };
  });
}

const POLL_MS = 200;

/** What is stored, and what subscribers saw, once everything agrees, or, where it never does, at the end of the time. */
export async function readSettled(
  sources: Sources,
  subscribers: () => Promise<Event[][]>,
  timeoutMs: number,
): Promise<Pick<History, "subscribers" | "stored">> {
  for (const limit = Date.now() + timeoutMs; ; await delay(POLL_MS)) {
    const late = Date.now() > limit;
    const stored = await readStored(sources).catch((error) => {
      if (late) throw error;
    });
    if (!stored || (!late && !agrees({ subscribers: [], stored }))) continue;
    const seen = { subscribers: await subscribers(), stored };
    if (late || agrees(seen)) return seen;
  }
}

function agrees(seen: Pick<History, "subscribers" | "stored">): boolean {
  const scene = createScene({ operations: [], epochs: [], ...seen });
  return checkAgreement(scene).length === 0 && checkSubscribers(scene).length === 0;
}
