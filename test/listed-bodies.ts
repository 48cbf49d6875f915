import { bodyOf } from "./message-text.ts";
import type { Services } from "./tenant.ts";

/** The bodies of all messages of a chat by their numbers, as its pages list them. */
export async function listBodies({ messages }: Pick<Services, "messages">, chat: string): Promise<Map<number, string>> {
  const bodies = new Map<number, string>();
  let pageToken = "";
  do {
    const page = await messages.listMessages({ parent: chat, pageSize: 500, pageToken });
    for (const message of page.messages) bodies.set(message.number, bodyOf(message)!);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return bodies;
}
