import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import { isServerGone } from "../../failure.ts";
import { text } from "../../message-text.ts";
import type { SeededRandom } from "../../seeded-random.ts";
import type { Services } from "../../tenant.ts";
import { CREATE_KEY, type Create, type Ledger } from "./ledger.ts";

/** Sends a create, again or for the first time; undefined where its answer was lost. */
export async function sendCreate(
  { messages }: Services,
  { id, chat, bodies, requestId }: Create,
): Promise<Message[] | undefined> {
  const contents = bodies.map((body) => ({ message: { ...text(body), metadata: { [CREATE_KEY]: id } } }));
  try {
    if (bodies.length === 1) return [await messages.createMessage({ parent: chat, ...contents[0]!, requestId })];
    return (await messages.batchCreateMessages({ parent: chat, requests: contents, requestId })).messages;
  } catch (error) {
    if (!isServerGone(error)) throw error;
    return undefined;
  }
}

/** What the callers of a load share. */
export type Load = {
  chats: readonly string[];
  ledger: Ledger;
  random: SeededRandom /** Messages under change. */;
  busy: Set<string>;
};

async function create(services: Services, { chats, ledger, random }: Load): Promise<boolean> {
  const id = crypto.randomUUID();
  const bodies = Array.from({ length: random.pick([1, 1, 1, 5]) }, (_, index) => `body ${index} of ${id}`);
  const wanted = { id, chat: random.pick(chats), bodies, requestId: random.pick(["", crypto.randomUUID()]) };
  const made = await sendCreate(services, wanted);
  if (made) ledger.created(wanted, made);
  else ledger.createLost(wanted);
  return made !== undefined;
}

async function change({ messages }: Services, { ledger, random, busy }: Load): Promise<boolean> {
  const name = random.pick(ledger.live().filter((candidate) => !busy.has(candidate)));
  if (!name) return true;
  const body = random.pick([undefined, `edit ${crypto.randomUUID()}`]);
  busy.add(name);
  ledger.changing(name, body);
  try {
    if (body === undefined) await messages.deleteMessage({ name });
    else await messages.updateMessage({ message: { name, ...text(body) } });
    ledger.changed(name, body);
    return true;
  } catch (error) {
    if (!isServerGone(error)) throw error;
    return false;
  } finally {
    busy.delete(name);
  }
}

/** Calls, one after the other, until the process is gone. */
export async function callUntilGone(services: Services, load: Load): Promise<void> {
  while (await (load.random.below(4) === 0 ? change : create)(services, load));
}
