import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { ApplicationService } from "../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../gen/parley/v1/auth_service_pb.ts";
import { ChatService } from "../gen/parley/v1/chat_service_pb.ts";
import { MemberService } from "../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../gen/parley/v1/search_service_pb.ts";
import { SupportService } from "../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../gen/parley/v1/user_service_pb.ts";

/** Parley's services, as one credential calls them. */
export type Services = {
  applications: Client<typeof ApplicationService>;
  auth: Client<typeof AuthService>;
  users: Client<typeof UserService>;
  chats: Client<typeof ChatService>;
  members: Client<typeof MemberService>;
  messages: Client<typeof MessageService>;
  search: Client<typeof SearchService>;
  support: Client<typeof SupportService>;
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
    auth: createClient(AuthService, authorized),
    users: createClient(UserService, authorized),
    chats: createClient(ChatService, authorized),
    members: createClient(MemberService, authorized),
    messages: createClient(MessageService, authorized),
    search: createClient(SearchService, authorized),
    support: createClient(SupportService, authorized),
  };
}

/** Makes an application. */
export async function createTenant(transport: Transport, adminKey: string): Promise<Tenant> {
  const { applications } = servicesOf(transport, adminKey);
  const { name, apiKey } = await applications.createApplication({ application: { displayName: "Tenant" } });
  return { name, key: apiKey, ...servicesOf(transport, apiKey) };
}
