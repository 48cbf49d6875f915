import { create } from "@bufbuild/protobuf";
import { createContextValues, type HandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { CreateChatRequestSchema } from "../../../gen/parley/v1/chat_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { requestKey } from "../../../services/aip/request-id.ts";
import { type Principal, setPrincipal, type UserPrincipal } from "../../../services/auth/principal.ts";

const ID = "0B9AA3C4-7A4E-4D3A-9E8C-2A1B3C4D5E6F";

function keyOf(requestId: string, principal: Principal) {
  const values = createContextValues();
  setPrincipal(values, principal);
  return requestKey(CreateChatRequestSchema, create(CreateChatRequestSchema, { requestId }), {
    values,
  } as HandlerContext);
}

test("a request without a request_id has no key", () => {
  expect(keyOf("", { kind: "admin" })).toBeUndefined();
});

test("the key is the principal's, not the credential's, and does not depend on the case of the UUID", () => {
  const key = keyOf(ID, { kind: "application", application: "a" });
  expect(key).toMatchObject({ principal: "applications/a", requestId: ID.toLowerCase() });
  expect(keyOf(ID.toLowerCase(), { kind: "application", application: "a" })).toEqual(key);
  expect(keyOf(ID, { kind: "admin" })).toMatchObject({ principal: "admin" });
});

test("of a user it is a digest, made once for all calls of its principal", () => {
  const profile = { displayName: "Ann", role: User_Role.USER, bot: false, session: undefined };
  const ann: UserPrincipal = { kind: "user", application: "a", user: "ann", ...profile };
  const { principal } = keyOf(ID, ann)!;
  expect(principal).toMatch(/^user:[\w-]{43}$/);
  expect(keyOf(ID, { ...ann, user: "bob", name: undefined })).not.toMatchObject({ principal });
  expect(keyOf(ID, { ...ann, user: "bob" })).toMatchObject({ principal });
});
