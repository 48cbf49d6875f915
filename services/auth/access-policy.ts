import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionV1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import { methodPath } from "../rpc/method-path.ts";
import type { Principal } from "./principal.ts";
import { findTargetField } from "./target-field.ts";

/**
 * Who may call a method. `public`: anyone, without a credential. Else the kinds of principal; an application reaches
 * only what is its own.
 */
export type Access = "public" | readonly Principal["kind"][];

const ADMIN = ["admin"] as const;
const BACKEND = ["admin", "application"] as const;

/** The one table of who may call what, by method path. A method that is missing here keeps the server from starting. */
export const ACCESS_POLICY: Readonly<Record<string, Access>> = {
  ...methodsOf(ApplicationService, {
    createApplication: ADMIN,
    listApplications: ADMIN,
    deleteApplication: ADMIN,
    getApplication: BACKEND,
    updateApplication: BACKEND,
    rotateApiKey: BACKEND,
  }),
  ...methodsOf(ChatService, {
    createChat: BACKEND,
    getChat: BACKEND,
    listChats: BACKEND,
    updateChat: BACKEND,
    deleteChat: BACKEND,
  }),
  ...methodsOf(MessageService, {
    createMessage: BACKEND,
    batchCreateMessages: BACKEND,
    getMessage: BACKEND,
    listMessages: BACKEND,
    updateMessage: BACKEND,
    deleteMessage: BACKEND,
  }),
  ...methodsOf(SearchService, { searchMessages: BACKEND }),
  ...methodsOf(Health, { check: "public", list: "public", watch: "public" }),
  ...methodsOf(ServerReflection, { serverReflectionInfo: "public" }),
  ...methodsOf(ServerReflectionV1Alpha, { serverReflectionInfo: "public" }),
};

function methodsOf<Desc extends DescService>(
  service: Desc,
  access: { [Name in keyof Desc["method"]]?: Access },
): Record<string, Access> {
  const entries = Object.entries(access) as [string, Access][];
  return Object.fromEntries(entries.map(([name, who]) => [methodPath(service.method[name]!), who]));
}

/** Who may call a method. Throws where the table does not say. */
export function accessOf(method: DescMethod, policy: Readonly<Record<string, Access>> = ACCESS_POLICY): Access {
  const access = policy[methodPath(method)];
  if (!access) throw new Error(`the access policy has no entry for ${methodPath(method)}: say who may call it`);
  return access;
}

/**
 * Refuses to go on where a method of these services is not in the table, or is open to applications though its requests
 * cannot be checked: it streams, or has no field that tells its resource.
 */
export function checkPolicyCovers(
  services: readonly DescService[],
  policy: Readonly<Record<string, Access>> = ACCESS_POLICY,
): void {
  for (const method of services.flatMap(({ methods }) => methods)) {
    const access = accessOf(method, policy);
    if (access === "public" || !access.includes("application")) continue;
    const isChecked = method.methodKind === "unary" && findTargetField(method.input) !== undefined;
    if (isChecked) continue;
    const reason = "its requests must be unary and have a `name`, a `parent`, or a resource with a `name`";
    throw new Error(`${methodPath(method)} cannot be open to applications: ${reason}`);
  }
}
