import { create } from "@bufbuild/protobuf";
import { type Empty, EmptySchema, type FieldMask } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Attributes } from "sequelize";
import { DeleteApplicationSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import {
  type Application,
  type CreateApplicationRequest,
  CreateApplicationRequestSchema,
  type DeleteApplicationRequest,
  type GetApplicationRequest,
  type ListApplicationsRequest,
  ListApplicationsRequestSchema,
  type RotateApiKeyRequest,
  RotateApiKeyRequestSchema,
  type UpdateApplicationRequest,
} from "../../gen/parley/v1/application_pb.ts";
import type { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { parsePageToken } from "../aip/page-token.ts";
import { requestIdReused, requestKey } from "../aip/request-id.ts";
import { parseApplicationName } from "../aip/resource-name.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { RequestReusedError } from "../database/request-memory.ts";
import type { FactChanges } from "../facts/facts.ts";
import { etagMismatch, invalidFields, notFound } from "../rpc/errors.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { applicationFromRow, mergeRateLimits, RATE_LIMIT_PATHS, rateLimitsToRow } from "./application-codec.ts";
import type { ApplicationRow } from "./application-model.ts";
import { type ApplicationFields, type ApplicationStore, StaleEtagError } from "./application-store.ts";

/** create_time in milliseconds, and the token. */
const CURSOR = /^\d{1,15} [0-9a-z]{26}$/;

/** What the service works with. */
export type ApplicationServiceOptions = {
  store: ApplicationStore;
  mutations: Mutations;
  authenticator: Authenticator;
  facts: FactChanges;
  pageSizes: PageSizes;
};

/** ApplicationService, as in proto/parley/v1/application_service.proto. */
export function createApplicationService(options: ApplicationServiceOptions): ServiceImpl<typeof ApplicationService> {
  return {
    createApplication: (request, context) => createApplication(options, request, context),
    getApplication: (request) => getApplication(options, request),
    listApplications: (request) => listApplications(options, request),
    updateApplication: (request) => updateApplication(options, request),
    deleteApplication: (request, context) => deleteApplication(options, request, context),
    rotateApiKey: (request, context) => rotateApiKey(options, request, context),
  };
}

/** The applications that rows hold, as they are answered. */
async function answerAll(
  store: ApplicationStore,
  rows: readonly Attributes<ApplicationRow>[],
  apiKey?: string,
): Promise<Application[]> {
  const expireTimes = await store.previousKeyExpireTimes(rows.map(({ token }) => token));
  return rows.map((row) => applicationFromRow(row, { apiKey, previousKeyExpireTimeMs: expireTimes.get(row.token) }));
}

async function answer(store: ApplicationStore, row: Attributes<ApplicationRow>, apiKey?: string): Promise<Application> {
  return (await answerAll(store, [row], apiKey))[0]!;
}

async function createApplication(
  { store }: ApplicationServiceOptions,
  request: CreateApplicationRequest,
  context: HandlerContext,
): Promise<Application> {
  const { displayName, rateLimits, registrationClosed } = request.application!;
  if (displayName === "") throw invalidFields([{ field: "application.display_name", description: "is required" }]);
  const key = requestKey(CreateApplicationRequestSchema, request, context);
  const fields = {
    displayName,
    rateLimits: rateLimitsToRow(rateLimits),
    registrationClosed: registrationClosed ? 1 : 0,
  };
  const { row, apiKey } = await store.create(fields, key).catch(rethrowReused(request.requestId));
  return answer(store, row, apiKey);
}

async function getApplication(
  { store }: ApplicationServiceOptions,
  { name }: GetApplicationRequest,
): Promise<Application> {
  const row = await store.find(parseApplicationName(name, "name").application);
  if (!row) throw notFound(name);
  return answer(store, row);
}

async function listApplications(
  { store, pageSizes }: ApplicationServiceOptions,
  request: ListApplicationsRequest,
): Promise<{ applications: Application[]; nextPageToken: string }> {
  const cursor = parsePageToken(ListApplicationsRequestSchema, request, CURSOR)?.split(" ");
  const after = cursor && { createTime: Number(cursor[0]), token: cursor[1]! };
  const size = coercePageSize(request.pageSize, pageSizes);
  const rows = await store.list(size + 1, after);
  const { page, nextPageToken } = cutPage(ListApplicationsRequestSchema, request, rows, {
    size,
    cursorOf: ({ createTime, token }) => `${createTime} ${token}`,
  });
  return { applications: await answerAll(store, page), nextPageToken };
}

async function updateApplication(
  { store, facts }: ApplicationServiceOptions,
  { application, updateMask }: UpdateApplicationRequest,
): Promise<Application> {
  const { name, etag } = application!;
  const { application: token } = parseApplicationName(name, "application.name");
  const isCurrent = ({ revision, updateTime }: { revision: number; updateTime: number }) =>
    etag === "" || etag === formatEtag({ revision, updateTimeMs: updateTime });
  const row = await store.update(token, toChanges(application!, updateMask), isCurrent).catch(rethrowStale(name));
  if (!row) throw notFound(name);
  await facts.forget([{ kind: "application", application: token }]);
  return answer(store, row);
}

async function deleteApplication(
  { mutations, authenticator }: ApplicationServiceOptions,
  { name, force, etag }: DeleteApplicationRequest,
  { signal }: HandlerContext,
): Promise<Empty> {
  const counter = parseApplicationName(name, "name");
  const build = (numbered: number) => {
    const value = create(DeleteApplicationSchema, { name, force, etag, numbered });
    return { case: "deleteApplication", value } as const;
  };
  await mutations.delete(build, name, counter, signal);
  authenticator.forget(counter.application);
  return create(EmptySchema);
}

async function rotateApiKey(
  { store, authenticator }: ApplicationServiceOptions,
  request: RotateApiKeyRequest,
  context: HandlerContext,
): Promise<Application> {
  const { application } = parseApplicationName(request.name, "name");
  const key = requestKey(RotateApiKeyRequestSchema, request, context);
  const rotated = await store.rotateKey(application, key).catch(rethrowReused(request.requestId));
  if (!rotated) throw notFound(request.name);
  authenticator.forget(application);
  return answer(store, rotated.row, rotated.apiKey);
}

/** What an update changes of a row. INVALID_ARGUMENT where it would leave the application without a name. */
function toChanges(
  { displayName, rateLimits, registrationClosed }: Application,
  mask: FieldMask | undefined,
): (row: Attributes<ApplicationRow>) => Partial<ApplicationFields> {
  const fields: string[] = fieldsToUpdate(mask, {
    display_name: displayName !== "",
    rate_limits: rateLimits !== undefined,
    registration_closed: registrationClosed,
    ...Object.fromEntries(RATE_LIMIT_PATHS.map((path) => [path, false])),
  });
  if (fields.includes("display_name") && displayName === "") {
    throw invalidFields([{ field: "application.display_name", description: "cannot be empty" }]);
  }
  const limits = RATE_LIMIT_PATHS.filter((path) => fields.includes(path));
  return (row) => ({
    ...(fields.includes("display_name") && { displayName }),
    ...(limits.length > 0 && { rateLimits: mergeRateLimits(row.rateLimits, rateLimits, limits) }),
    ...(fields.includes("rate_limits") && { rateLimits: rateLimitsToRow(rateLimits) }),
    ...(fields.includes("registration_closed") && { registrationClosed: registrationClosed ? 1 : 0 }),
  });
}

function rethrowReused(requestId: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof RequestReusedError ? requestIdReused(requestId) : error;
  };
}

function rethrowStale(resource: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof StaleEtagError ? etagMismatch(resource) : error;
  };
}
