import { expect, test } from "vitest";
import { Author_Type, type Author as WrittenBy } from "../../../gen/parley/v1/message_pb.ts";
import { authorOf } from "../../../services/message/message-author.ts";
import { storeUnavailable } from "../../../services/rpc/errors.ts";

const BACKEND = { kind: "application", application: "0123456789abcdefghjkmnpqrs" } as const;

test("a user whom the backend names, and who cannot be looked up, is one whom Parley does not know", async () => {
  const facts = { user: () => Promise.reject(storeUnavailable("the database", undefined)) };
  const wanted = { user: "ada", displayName: "Ada" } as WrittenBy;
  const { type, ...author } = await authorOf(facts, BACKEND, BACKEND.application, wanted);
  expect(author).toMatchObject({ user: "ada", displayName: "Ada" });
  expect(type).toBe(Author_Type.BACKEND);
});
