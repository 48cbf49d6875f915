import type { SearchedParley } from "../installation/searched-parley.ts";
import { type GrowthTurns, growthRequests, type Operation, PAGE_SIZE } from "./growth-requests.ts";
import { grpcLoad } from "./grpc-load.ts";
import { runH2load } from "./h2load.ts";
import { turnBody } from "./turning-body.ts";
import { createRequest } from "./workload.ts";

export type GrowthLoads = {
  /** Sends one kind of operation; what it asks for keeps changing meanwhile. Resolves with how long one took, in seconds. */
  time(operation: Operation, count: number): Promise<number>;
  /** How many messages were created. */
  created(): number;
};

const RECENT_MESSAGES = PAGE_SIZE + 1;
/** Where there are some messages that were created before. */
const RECENT_CHAT = 3;

export async function growthLoads(parley: SearchedParley, turns: GrowthTurns): Promise<GrowthLoads> {
  const { grpcAddress, tenant } = parley;
  const all = growthRequests(parley, await createRecent(parley), turns);
  let created = RECENT_MESSAGES;
  return {
    created: () => created,
    async time(operation, count) {
      const { method, requests } = all[operation];
      const body = await turnBody(requests[0]!, requests);
      try {
        const { seconds } = await runH2load(grpcLoad(method, grpcAddress, body.path, tenant.key), count);
        if (operation === "create") created += count;
        return seconds / count;
      } finally {
        await body.close();
      }
    },
  };
}

/** More messages than a page, the newest of their chat. */
async function createRecent({ tenant }: Pick<SearchedParley, "tenant">): Promise<{ parent: string; name: string }> {
  const parent = `${tenant.name}/chats/${RECENT_CHAT}`;
  const request = createRequest(parent);
  let name = "";
  for (let count = 0; count < RECENT_MESSAGES; count++) ({ name } = await tenant.messages.createMessage(request));
  return { parent, name };
}
