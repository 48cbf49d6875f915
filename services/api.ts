import type { DescMethod } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { Health } from "../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../gen/parley/v1/auth_service_pb.ts";
import { ChatService } from "../gen/parley/v1/chat_service_pb.ts";
import { MemberService } from "../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../gen/parley/v1/search_service_pb.ts";
import { SupportService } from "../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../gen/parley/v1/user_service_pb.ts";
import { createApplicationService } from "./application/application-service.ts";
import { ApplicationStore } from "./application/application-store.ts";
import { authenticate } from "./auth/authenticate.ts";
import { Authenticator } from "./auth/authenticator.ts";
import { authorize } from "./auth/authorize.ts";
import { checkPolicyCovers } from "./auth/policy-coverage.ts";
import { createChatService } from "./chat/chat-service.ts";
import { ChatStore } from "./chat/chat-store.ts";
import { UserChats } from "./chat/user-chats.ts";
import type { Database } from "./database/database.ts";
import { mapStoreErrors } from "./database/store-errors.ts";
import type { CachedFacts } from "./facts/cached-facts.ts";
import { createLimits } from "./limits/create-limits.ts";
import type { RateLimits } from "./limits/rate-limits.ts";
import type { MailDispatch } from "./mail/mail-dispatch.ts";
import type { Mailer } from "./mail/mailer.ts";
import { createMemberService } from "./member/member-service.ts";
import { MemberStore } from "./member/member-store.ts";
import { AuthorMessages } from "./message/author-messages.ts";
import { MessageReader } from "./message/message-reader.ts";
import { createMessageService } from "./message/message-service.ts";
import { MessageStore } from "./message/message-store.ts";
import type { RecentMessages } from "./message/recent-messages.ts";
import type { Numbering } from "./numbering/numbering.ts";
import { createFaultLog } from "./observability/fault-log.ts";
import type { Metrics } from "./observability/metrics.ts";
import { PARLEY_SERVICES } from "./parley-services.ts";
import { createGrpcHealth } from "./rpc/grpc-health.ts";
import { createGrpcReflection, createGrpcReflectionAlpha } from "./rpc/grpc-reflection.ts";
import type { HealthStatus } from "./rpc/health-status.ts";
import { methodPath } from "./rpc/method-path.ts";
import { createRpcRegistry, type RpcRegistry } from "./rpc/rpc-registry.ts";
import { validate } from "./rpc/validation/validate.ts";
import type { SearchIndex } from "./search/search-index.ts";
import { createSearchService } from "./search/search-service.ts";
import type { Settings } from "./settings/settings.ts";
import { createSupportService } from "./support/support-service.ts";
import { SupportStore } from "./support/support-store.ts";
import { createTokens } from "./token/create-tokens.ts";
import { createKeySetMethod } from "./token/key-set-method.ts";
import type { SigningKeys } from "./token/signing-keys.ts";
import { createTokenKeyMethods } from "./token/token-key-methods.ts";
import { createAccounts } from "./user/accounts.ts";
import { FirstSeenUsers } from "./user/first-seen-users.ts";
import { UserStore } from "./user/user-store.ts";
import { GroupCommit } from "./write-path/group-commit.ts";
import { Mutations } from "./write-path/mutations.ts";
import { Verdicts } from "./write-path/verdicts.ts";
import type { WriteQueue } from "./write-queue/write-queue.ts";
import type { Horizon } from "./writer/horizon.ts";

/** What the api role works with. */
export type ApiOptions = {
  settings: Settings;
  database: Database;
  queue: WriteQueue;
  numbering: Numbering;
  recents: RecentMessages;
  facts: CachedFacts;
  limits: RateLimits;
  /** Other ends of gRPC connections that are believed what address their client has, as the setting TRUST_EDGE. */
  trustedEdges: readonly string[];
  index: SearchIndex;
  horizon: Horizon;
  health: HealthStatus;
  adminKey: string;
  /** The secret of users' tokens, and the keys that it opens. */
  tokenSecret: string;
  signingKeys: SigningKeys;
  mailer: Mailer;
  /** How long the keys of an application are believed without being looked up, in milliseconds. Default: for ever. */
  keyMaxAgeMs?: number;
  metrics: Metrics;
  log: Logger;
};

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
  const { settings, database, queue, recents, facts, index, horizon, health, metrics, log } = options;
  const { adminKey, tokenSecret, signingKeys, mailer, keyMaxAgeMs } = options;
  const { groups, verdicts, mutations } = createWritePath(options);
  const applications = new ApplicationStore(database, {
    keyGraceMs: settings.API_KEY_GRACE,
    requestTtlMs: settings.REQUEST_ID_TTL,
  });
  const pageSizes = { standard: settings.PAGE_SIZE_DEFAULT, max: settings.PAGE_SIZE_MAX };
  const users = new UserStore(database, { requestTtlMs: settings.REQUEST_ID_TTL });
  const firstSight = new FirstSeenUsers(users, facts);
  const tokens = createTokens({
    ...{ settings, database, facts, firstSight, signingKeys },
    ...{ secret: tokenSecret, keyMaxAgeMs: keyMaxAgeMs ?? Number.POSITIVE_INFINITY },
  });
  const { accessTokens } = tokens;
  const authenticator = new Authenticator({
    adminKey,
    keys: applications,
    tokens: accessTokens,
    maxAgeMs: keyMaxAgeMs,
  });
  const isUncounted = ({ parent }: DescMethod) => !PARLEY_SERVICES.includes(parent);
  const limits = createLimits({
    ...{ settings, limits: options.limits, facts, trustedEdges: options.trustedEdges, isUncounted },
    onRefused: (limit) => metrics.countRefusal(limit),
  });
  const accounts = createAccounts({
    ...{ settings, database, applications, store: users, firstSight, facts, mutations, mailer, pageSizes, log },
    tokens: tokens.userTokens,
    keys: {
      ...createTokenKeyMethods({
        ...{ store: tokens.tokenKeyStore, keys: tokens.tokenKeys, ownIssuer: settings.TOKEN_ISSUER, pageSizes },
      }),
      ...createKeySetMethod(signingKeys),
    },
    attempts: limits.ofLogins,
  });
  const messages = new MessageStore(database);
  const reader = new MessageReader({ recents, store: messages, queue, horizon });
  metrics.watch({ recentReads: () => reader.reads, cache: () => facts.report().counts });
  const chats = new ChatStore({ database, queue, horizon });
  const authors = new AuthorMessages({ database, chats });
  const logFault = createFaultLog(log);
  const registry = createRpcRegistry({
    interceptors: [
      ...[mapStoreErrors(), authenticate(authenticator, limits.countStranger), limits.ofCalls],
      ...[validate(), authorize(facts), limits.ofSlowMode],
    ],
    defaultTimeoutMs: settings.REQUEST_TIMEOUT,
    maxCalls: settings.CALLS_MAX,
    isUncounted,
    onFault: (err, method, requestId) => logFault({ err, method: methodPath(method), requestId }),
  });
  registry.add(
    ApplicationService,
    createApplicationService({ store: applications, mutations, authenticator, facts, pageSizes }),
  );
  registry.add(UserService, accounts.users);
  registry.add(AuthService, accounts.auth);
  const { MEMBERS_MAX: membersMax } = settings;
  registry.add(
    ChatService,
    createChatService({
      ...{ store: chats, userChats: new UserChats(database), facts, groups, mutations, pageSizes, membersMax },
    }),
  );
  const members = new MemberStore(database);
  registry.add(
    MemberService,
    createMemberService({ store: members, chats, facts, groups, mutations, pageSizes, membersMax }),
  );
  registry.add(MessageService, createMessageService({ reader, groups, mutations, facts, authors, pageSizes }));
  registry.add(SearchService, createSearchService({ index, messages, chats, pageSizes }));
  const sessions = new SupportStore(database);
  registry.add(SupportService, createSupportService({ sessions, chats, mutations, facts, pageSizes }));
  const served = ["", ...PARLEY_SERVICES.map(({ typeName }) => typeName)];
  registry.add(Health, createGrpcHealth(new Map(served.map((name) => [name, health]))));
  if (settings.REFLECTION) {
    registry.add(ServerReflection, createGrpcReflection(registry));
    registry.add(ServerReflectionAlpha, createGrpcReflectionAlpha(registry));
  }
  checkPolicyCovers(registry.services);
  return { registry, groups, verdicts, mails: accounts.mails };
}
