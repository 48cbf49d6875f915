import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { ApplicationService } from "../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../gen/parley/v1/chat_service_pb.ts";
import { MessageService } from "../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../gen/parley/v1/search_service_pb.ts";

/** Parley's services, as one credential calls them. */
export type Services = {
  applications: Client<typeof ApplicationService>;
  chats: Client<typeof ChatService>;
  messages: Client<typeof MessageService>;
  search: Client<typeof SearchService>;
};

/** An application and its services, called with its api_key. */
export type Tenant = Services & { name: string; key: string };

/** A transport that sends a credential. */
export function withKey(transport: Transport, key: string): Transport {
  return {
    ...transport,
    unary(method, signal, timeoutMs, header, input, contextValues) {
      const headers = new Headers(header);
      headers.set("authorization", `Bearer ${key}`);
      return transport.unary(method, signal, timeoutMs, headers, input, contextValues);
    },
  };
}

/** Clients of all services that send a credential. */
export function servicesOf(transport: Transport, key: string): Services {
  const authorized = withKey(transport, key);
  return {
    applications: createClient(ApplicationService, authorized),
    chats: createClient(ChatService, authorized),
    messages: createClient(MessageService, authorized),
    search: createClient(SearchService, authorized),
  };
}

/** Makes an application. */
export async function createTenant(transport: Transport, adminKey: string): Promise<Tenant> {
  const { applications } = servicesOf(transport, adminKey);
  const { name, apiKey } = await applications.createApplication({ application: { displayName: "Tenant" } });
  return { name, key: apiKey, ...servicesOf(transport, apiKey) };
}
