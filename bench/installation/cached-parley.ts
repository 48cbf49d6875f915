import { toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import type { ServerSet } from "../../test/faults/stack/server-set.ts";
import { createdMessage, createRequest } from "../load/workload.ts";
import { type BenchParley, openBenchParley } from "./bench-parley.ts";

export type CachedParleyOptions = {
  servers: ServerSet;
  /** How many chats there are. */
  chats: number;
  /** The first so many have their newest page among the recent messages, which hold no more. */
  heldChats: number;
  /** Messages of a page. Each chat has one in the database, and each that is held `heldOf` it after that. */
  page: number;
};

/** What redis-recent-messages counts beside the bytes of a message. */
const OVERHEAD_BYTES = 100;
const BATCHES_AT_ONCE = 64;

/** What of a chat is held: a list of a page looks for one message more, to know whether another page follows. */
export function heldOf(page: number): number {
  return page + 1;
}

/** Starts Parley on chats of which some are cached. */
export async function openCachedParley({ servers, chats, heldChats, page }: CachedParleyOptions): Promise<BenchParley> {
  const parley = await openBenchParley({
    servers,
    chats: { sizes: Array<number>(chats).fill(page) },
    environment: { RECENT_BYTES_MAX: String(heldChats * heldOf(page) * heldBytes()) },
  });
  try {
    await fillRecents(parley, heldChats, page);
    return parley;
  } catch (error) {
    await parley.close();
    throw error;
  }
}

/** Of a message that is held, about. */
function heldBytes(): number {
  const message = createdMessage(`applications/${"a".repeat(26)}/chats/12345`, 12);
  return toBinary(MessageSchema, message).length + OVERHEAD_BYTES;
}

/** The first chat last: what was written to longest ago is forgotten first. */
async function fillRecents({ tenant }: BenchParley, heldChats: number, page: number): Promise<void> {
  let next = heldChats;
  const fill = async () => {
    while (next > 0) {
      const parent = `${tenant.name}/chats/${next--}`;
      await tenant.messages.batchCreateMessages({ parent, requests: Array(heldOf(page)).fill(createRequest("")) });
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, fill));
}
