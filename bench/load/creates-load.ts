import { CreateMessageRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { Tenant } from "../../test/tenant.ts";
import { encodeRequest, grpcLoad } from "./grpc-load.ts";
import type { Load } from "./h2load.ts";
import { turnBody } from "./turning-body.ts";
import { createRequest } from "./workload.ts";

/** The chats of most loads of creates. */
export const CHATS = 50;
/** The first of the chats that are written to: all of them have two digits, so that any mixture of two is one of them. */
const FIRST_CHAT = 10;

/** CreateMessage calls into new chats of a tenant. */
export type CreatesLoad = { load: Load; parents: readonly string[]; close(): Promise<void> };

/** Makes the chats that are written to, in turns. */
export async function openCreatesLoad(
  { tenant, grpcAddress }: { tenant: Tenant; grpcAddress: string },
  chats = CHATS,
): Promise<CreatesLoad> {
  for (let chat = 1; chat < FIRST_CHAT + chats; chat++) {
    await tenant.chats.createChat({ parent: tenant.name, chat: { title: `Chat ${chat}` } });
  }
  const parents = Array.from({ length: chats }, (_, index) => `${tenant.name}/chats/${FIRST_CHAT + index}`);
  const body = await turnBody(encodeRequest(CreateMessageRequestSchema, createRequest(parents[0]!)), parents);
  const load = grpcLoad(MessageService.method.createMessage, grpcAddress, body.path, tenant.key);
  return { load, parents, close: () => body.close() };
}
