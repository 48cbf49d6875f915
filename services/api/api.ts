import type { DescMethod } from "@bufbuild/protobuf";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { UserService } from "../../gen/parley/v1/user_service_pb.ts";
import { createApplicationService } from "../application/application-service.ts";
import { authenticate } from "../auth/authenticate.ts";
import { authorize } from "../auth/authorize.ts";
import { checkPolicyCovers } from "../auth/policy-coverage.ts";
import { mapStoreErrors } from "../database/store-errors.ts";
import type { MailDispatch } from "../mail/mail-dispatch.ts";
import { createFaultLog } from "../observability/fault-log.ts";
import { PARLEY_SERVICES } from "../parley-services.ts";
import { createGrpcHealth } from "../rpc/grpc-health.ts";
import { createGrpcReflection, createGrpcReflectionAlpha } from "../rpc/grpc-reflection.ts";
import { methodPath } from "../rpc/method-path.ts";
import { createRpcRegistry, type RpcRegistry } from "../rpc/rpc-registry.ts";
import { validate } from "../rpc/validation/validate.ts";
import { GroupCommit } from "../write-path/group-commit.ts";
import { Mutations } from "../write-path/mutations.ts";
import { Verdicts } from "../write-path/verdicts.ts";
import { type Callers, createCallers } from "./callers.ts";
import { addChatServices } from "./chats.ts";
import type { ApiOptions } from "./options.ts";

/** The api role: the handlers, and the write path behind them. */
export type Api = { registry: RpcRegistry; groups: GroupCommit; verdicts: Verdicts; mails: MailDispatch };

function createWritePath({ settings, numbering, queue, recents, horizon, metrics, log }: ApiOptions) {
  const limits = {
    groupMessages: settings.GROUP_MESSAGES_MAX,
    groupBytes: settings.GROUP_BYTES_MAX,
    pendingWrites: settings.PENDING_WRITES_MAX,
    pendingBytes: settings.PENDING_BYTES_MAX,
  };
  const groups = new GroupCommit({ numbering, queue, recents, horizon }, limits, (group) =>
    metrics.observeGroup(group),
  );
  const verdicts = new Verdicts(queue, log, settings.PENDING_WRITES_MAX);
  return { groups, verdicts, mutations: new Mutations({ groups, queue, verdicts, numbering }) };
}

/** Builds the api role out of its ports. Throws where a method has no entry in the access policy. */
export function createApi(options: ApiOptions): Api {
  const { settings, facts, metrics } = options;
  const { groups, verdicts, mutations } = createWritePath(options);
  const pageSizes = { standard: settings.PAGE_SIZE_DEFAULT, max: settings.PAGE_SIZE_MAX };
  metrics.watch({ cache: () => facts.report().counts });
  const callers = createCallers(options, { mutations, pageSizes }, isUncounted);
  const { applications, authenticator, accounts } = callers;
  const registry = createRegistry(options, callers);
  const ofApplications = { store: applications, mutations, authenticator, facts, pageSizes };
  registry.add(ApplicationService, createApplicationService(ofApplications));
  registry.add(UserService, accounts.users);
  registry.add(AuthService, accounts.auth);
  addChatServices(registry, options, { groups, mutations, pageSizes });
  addServerServices(registry, options);
  checkPolicyCovers(registry.services);
  return { registry, groups, verdicts, mails: accounts.mails };
}

/** Calls of what is not Parley's own, as of the health, are never refused for their number. */
function isUncounted({ parent }: DescMethod): boolean {
  return !PARLEY_SERVICES.includes(parent);
}

function createRegistry({ settings, facts, log }: ApiOptions, { authenticator, limits }: Callers): RpcRegistry {
  const logFault = createFaultLog(log);
  return createRpcRegistry({
    interceptors: [
      mapStoreErrors(),
      authenticate(authenticator, limits.countStranger),
      limits.ofCalls,
      validate(),
      authorize(facts),
      limits.ofSlowMode,
    ],
    defaultTimeoutMs: settings.REQUEST_TIMEOUT,
    maxCalls: settings.CALLS_MAX,
    isUncounted,
    onFault: (err, method, requestId) => logFault({ err, method: methodPath(method), requestId }),
  });
}

/** Adds what tells of the server: its health, and its contract. */
function addServerServices(registry: RpcRegistry, { settings, health }: ApiOptions): void {
  const served = ["", ...PARLEY_SERVICES.map(({ typeName }) => typeName)];
  registry.add(Health, createGrpcHealth(new Map(served.map((name) => [name, health]))));
  if (!settings.REFLECTION) return;
  registry.add(ServerReflection, createGrpcReflection(registry));
  registry.add(ServerReflectionAlpha, createGrpcReflectionAlpha(registry));
}
