import { type CreateMessageRequest, CreateMessageRequestSchema } from "../../gen/parley/v1/message_pb.ts";
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

/** Where creates are sent to. */
export type CreatesPlace = { tenant: Tenant; grpcAddress: string };

/** CreateMessage calls into new chats of a tenant. */
export type CreatesLoad = { load: Load; parents: readonly string[]; close(): Promise<void> };

/** Makes the chats that are written to, in turns, by the tenant's backend. */
export async function openCreatesLoad(place: CreatesPlace, chats = CHATS): Promise<CreatesLoad> {
  const { tenant } = place;
  const create = (title: string) => tenant.chats.createChat({ parent: tenant.name, chat: { title } });
  return turnChats(place, { key: tenant.key, parents: await createChats(tenant, chats, create), createRequest });
}

/** Makes chats as the load needs them; resolves with the names of those that are written to. */
export async function createChats(
  { name }: Tenant,
  chats: number,
  create: (title: string) => Promise<unknown>,
): Promise<string[]> {
  for (let chat = 1; chat < FIRST_CHAT + chats; chat++) await create(`Chat ${chat}`);
  return Array.from({ length: chats }, (_, index) => `${name}/chats/${FIRST_CHAT + index}`);
}

export type ChatTurns = {
  /** What the calls are authorised with. */
  key: string;
  parents: readonly string[];
  createRequest(parent: string): CreateMessageRequest;
};

/** Sends to one chat after the other. */
export async function turnChats({ grpcAddress }: CreatesPlace, turns: ChatTurns): Promise<CreatesLoad> {
  const { key, parents } = turns;
  const body = await turnBody(encodeRequest(CreateMessageRequestSchema, turns.createRequest(parents[0]!)), parents);
  const load = grpcLoad(MessageService.method.createMessage, grpcAddress, body.path, key);
  return { load, parents, close: () => body.close() };
}
