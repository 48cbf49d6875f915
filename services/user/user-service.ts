import { create } from "@bufbuild/protobuf";
import { type Empty, EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Attributes } from "sequelize";
import { EraseUserSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import {
  type CreateUserRequest,
  CreateUserRequestSchema,
  type DeleteUserRequest,
  type GetUserRequest,
  type ListUsersRequest,
  ListUsersRequestSchema,
  type UpdateUserRequest,
  type User,
} from "../../gen/parley/v1/user_pb.ts";
import type { UserService } from "../../gen/parley/v1/user_service_pb.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { checkMetadata } from "../aip/metadata.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { parsePageToken } from "../aip/page-token.ts";
import { requestIdReused, requestKey } from "../aip/request-id.ts";
import { checkNewUserId, parseApplicationName, parseUserName, USER_ID_PATTERN } from "../aip/resource-name.ts";
import { standingOf } from "../auth/standing.ts";
import { RequestReusedError } from "../database/request-memory.ts";
import type { FactChanges } from "../facts/facts.ts";
import type { MailTokens } from "../mail/mail-tokens.ts";
import { invalidFields, notFound } from "../rpc/errors.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { normalizeEmail } from "./email-address.ts";
import { UserTakenError } from "./taken-users.ts";
import { changeOf, checkUserEtag, updatableFields } from "./user-changes.ts";
import { userFromRow } from "./user-codec.ts";
import { emailTaken, userIdTaken } from "./user-errors.ts";
import type { UserRow } from "./user-model.ts";
import type { UserRemoval } from "./user-removal.ts";
import type { UserStore } from "./user-store.ts";
import { visibleUser } from "./visible-user.ts";

/** Who gives a name would else get a user with another. */
const NAME_RULE = "must be empty: to choose the user's id, give user_id, over REST ?userId=";

/** What the service works with. */
export type UserServiceOptions = {
  store: UserStore;
  mailTokens: MailTokens;
  removal: UserRemoval;
  facts: FactChanges;
  mutations: Mutations;
  pageSizes: PageSizes;
};

/** UserService, as in proto/parley/v1/user_service.proto. */
export function createUserService(options: UserServiceOptions): ServiceImpl<typeof UserService> {
  return {
    createUser: (request, context) => createUser(options, request, context),
    getUser: (request, context) => getUser(options, request, context),
    listUsers: (request, context) => listUsers(options, request, context),
    updateUser: (request) => updateUser(options, request),
    deleteUser: (request, context) => deleteUser(options, request, context),
  };
}

async function createUser(
  { store, facts }: UserServiceOptions,
  request: CreateUserRequest,
  context: HandlerContext,
): Promise<User> {
  const { application } = parseApplicationName(request.parent, "parent");
  const { displayName, avatarUrl, metadata, role, bot, ...wanted } = request.user!;
  if (wanted.name !== "") throw invalidFields([{ field: "user.name", description: NAME_RULE }]);
  if (request.userId !== "") checkNewUserId(request.userId, "user_id");
  checkMetadata(metadata, "user.metadata");
  const email = wanted.email === "" ? "" : normalizeEmail(wanted.email, "user.email");
  const key = requestKey(CreateUserRequestSchema, request, context);
  const user = { id: request.userId, displayName, avatarUrl, metadata, role, bot, email };
  const row = await store.create(application, user, key).catch((error: unknown) => {
    if (error instanceof RequestReusedError) throw requestIdReused(request.requestId);
    throw toTaken(error);
  });
  if (!row) throw notFound(request.parent);
  await facts.forget([{ kind: "user", application, user: row.id }]);
  return userFromRow(row);
}

async function getUser(
  { store }: UserServiceOptions,
  { name }: GetUserRequest,
  { values, method }: HandlerContext,
): Promise<User> {
  const row = await store.find(parseUserName(name, "name"));
  if (!row) throw notFound(name);
  return visibleUser(userFromRow(row), standingOf(values), method);
}

async function listUsers(
  { store, pageSizes }: UserServiceOptions,
  request: ListUsersRequest,
  { values, method, signal }: HandlerContext,
): Promise<{ users: User[]; nextPageToken: string }> {
  const { application } = parseApplicationName(request.parent, "parent");
  const after = parsePageToken(ListUsersRequestSchema, request, USER_ID_PATTERN) ?? "";
  const size = coercePageSize(request.pageSize, pageSizes);
  const email = request.email === "" ? undefined : normalizeEmail(request.email, "email");
  const rows = await store.list(application, { after, email, limit: size + 1 }, signal);
  if (rows.length === 0 && !(await store.hasApplication(application))) throw notFound(request.parent);
  const { page, nextPageToken } = cutPage(ListUsersRequestSchema, request, rows, {
    size,
    cursorOf: ({ id }) => id,
  });
  return { users: page.map((row) => visibleUser(userFromRow(row), standingOf(values), method)), nextPageToken };
}

async function updateUser(
  { store, mailTokens, facts }: UserServiceOptions,
  { user, updateMask }: UpdateUserRequest,
): Promise<User> {
  const name = parseUserName(user!.name, "user.name");
  checkMetadata(user!.metadata, "user.metadata");
  const fields = fieldsToUpdate(updateMask, updatableFields(user!));
  const email = user!.email === "" ? "" : normalizeEmail(user!.email, "user.email");
  const change = changeOf({ ...user!, email }, fields);
  const checked = (known: Attributes<UserRow>) => {
    checkUserEtag(user!.etag, known);
    return fields.length > 0 ? change(known) : undefined;
  };
  const row = await store
    .transact(async (transaction) => {
      // What was mailed to the address before must not confirm this one.
      if (fields.includes("email")) await mailTokens.forget(name, transaction);
      return store.update(name, checked, transaction);
    })
    .catch((error: unknown) => {
      throw toTaken(error);
    });
  if (!row) throw notFound(user!.name);
  await facts.forget([{ kind: "user", ...name }]);
  return userFromRow(row);
}

async function deleteUser(
  { removal, mutations }: UserServiceOptions,
  { name, etag }: DeleteUserRequest,
  { signal }: HandlerContext,
): Promise<Empty> {
  const isRemoved = await removal.remove(parseUserName(name, "name"), (row) => checkUserEtag(etag, row));
  if (!isRemoved) throw notFound(name);
  await mutations.apply({ case: "eraseUser", value: create(EraseUserSchema, { name }) }, name, signal);
  return create(EmptySchema);
}

function toTaken(error: unknown): unknown {
  if (!(error instanceof UserTakenError)) return error;
  return error.what === "id" ? userIdTaken(error.resource) : emailTaken(error.resource);
}
